"""AWS tasks over ``warm_local``: what one task knows never reaches the next, and results are those of ``local``."""

import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from warm_local_playbook import odd, run, stable

from trading_platform.emulator.testing import EmulatorServer

pytestmark = pytest.mark.slow

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/sts/")
_IDENTITY = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>000000000000</Account><UserId>{key}</UserId>"
    "<Arn>arn:aws:iam::000000000000:user/{key}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
)
# The module asks IAM for the account's alias, too.
_NO_ALIASES = (
    "<ListAccountAliasesResponse><ListAccountAliasesResult><AccountAliases/></ListAccountAliasesResult>"
    "</ListAccountAliasesResponse>"
)


@dataclass
class Recorder:
    """An STS that notes who asks: (access key id, region signed for, host asked for)."""

    port: int = 0
    seen: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def recorders() -> Iterator[tuple[Recorder, Recorder]]:
    pair = (Recorder(), Recorder())
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _handler(recorder)) for recorder in pair]
    for recorder, server in zip(pair, servers, strict=True):
        recorder.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield pair
    for server in servers:
        server.shutdown()
        server.server_close()


def _handler(recorder: Recorder) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            who = _CREDENTIAL.search(self.headers.get("Authorization", ""))
            if who:
                recorder.seen.append((who[1], who[2], self.headers["Host"]))
            answer = (_IDENTITY.format(key=who[1]) if who else _NO_ALIASES).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    return Handler


def _ask(name: str, **environment: str) -> dict[str, Any]:
    return {"name": name, "amazon.aws.aws_caller_info": {}, "environment": environment}


def test_endpoint_credentials_region_and_proxy_are_each_tasks_own(
    tmp_path: Path, recorders: tuple[Recorder, Recorder], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    first, second = recorders
    (tmp_path / "credentials").write_text(
        "[blue]\naws_access_key_id = AKIABLUE\naws_secret_access_key = s\n"
        "[green]\naws_access_key_id = AKIAGREEN\naws_secret_access_key = s\n"
    )
    files = {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"), "AWS_REGION": "eu-west-1"}
    keys = {"AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "us-east-1"}
    tasks = [
        _ask("one", AWS_ENDPOINT_URL=first.url, AWS_ACCESS_KEY_ID="AKIAONE", AWS_REGION="us-east-1", **keys),
        _ask("two", AWS_ENDPOINT_URL=second.url, AWS_ACCESS_KEY_ID="AKIATWO", AWS_REGION="us-west-2", **keys),
        _ask("blue", AWS_ENDPOINT_URL=first.url, AWS_PROFILE="blue", **files),
        _ask("green", AWS_ENDPOINT_URL=first.url, AWS_PROFILE="green", **files),
        _ask(
            "proxy",
            AWS_ENDPOINT_URL="http://sts.example.invalid",
            HTTP_PROXY=second.url,
            http_proxy=second.url,
            NO_PROXY="",
            no_proxy="",
            AWS_ACCESS_KEY_ID="AKIAPROXY",
            AWS_REGION="us-east-1",
            **keys,
        ),
        _ask("nobody", AWS_ENDPOINT_URL=first.url, AWS_REGION="us-east-1"),
        _ask("no such profile", AWS_ENDPOINT_URL=first.url, AWS_PROFILE="red", **files),
    ]
    nowhere = {
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    expected = {
        first.port: [
            ("AKIAONE", "us-east-1", f"127.0.0.1:{first.port}"),
            ("AKIABLUE", "eu-west-1", f"127.0.0.1:{first.port}"),
            ("AKIAGREEN", "eu-west-1", f"127.0.0.1:{first.port}"),
        ],
        second.port: [
            ("AKIATWO", "us-west-2", f"127.0.0.1:{second.port}"),
            ("AKIAPROXY", "us-east-1", "sts.example.invalid"),
        ],
    }
    results = {}
    for connection in ("local", "warm_local"):
        first.seen.clear()
        second.seen.clear()
        results[connection] = run(tmp_path, connection, tasks, nowhere)
        assert {recorder.port: recorder.seen for recorder in recorders} == expected, connection
    assert stable(results["warm_local"]) == stable(results["local"])
    assert [name for name, result in results["warm_local"].items() if result.get("failed")] == [
        "nobody",
        "no such profile",
    ]


NETWORK: list[dict[str, Any]] = [
    {
        "name": "vpc",
        "amazon.aws.ec2_vpc_net": {"name": "v", "cidr_block": "10.0.0.0/16", "tags": {"Ümlaut": "✓"}},
        "register": "made",
    },
    {
        "name": "subnet",
        "amazon.aws.ec2_vpc_subnet": {"vpc_id": "{{ made.vpc.id }}", "cidr": "10.0.1.0/24", "az": "us-east-1a"},
    },
    {
        "name": "wrong subnet",
        "amazon.aws.ec2_vpc_subnet": {"vpc_id": "vpc-missing", "cidr": "10.0.1.0/24", "az": "us-east-1a"},
    },
    {
        "name": "vpc again",
        "amazon.aws.ec2_vpc_net": {"name": "v", "cidr_block": "10.0.0.0/16", "tags": {"Ümlaut": "✓"}},
        "check_mode": True,
    },
    {
        "name": "vpc otherwise",
        "amazon.aws.ec2_vpc_net": {"name": "v", "cidr_block": "10.0.0.0/16", "tags": {"Ümlaut": "✗"}},
        "check_mode": True,
    },
    {"name": "bucket", "amazon.aws.s3_bucket": {"name": "warm-local", "versioning": True}},
    {"name": "role", "amazon.aws.iam_role_info": {"name": "none"}},
    odd("tells_command_line"),
]
_IDENTIFIER = re.compile(r"\b[a-z][a-z-]*-[0-9a-f]{8,}\b|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)|'?date'?: '[^']+'")


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        hidden = {"response_metadata", "ResponseMetadata", "exception", "forked", "boto3_version"}
        return {key: _comparable(item) for key, item in value.items() if key not in hidden}
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    return _TIME.sub("<time>", _IDENTIFIER.sub("<id>", value)) if isinstance(value, str) else value


def test_aws_modules_give_the_same_results(tmp_path: Path, emulator: EmulatorServer) -> None:
    results, calls = {}, {}
    for connection in ("local", "warm_local"):
        emulator.reset()
        results[connection] = run(tmp_path, connection, NETWORK, emulator.env, diff=True)
        calls[connection] = emulator.calls()
    warm = results["warm_local"]
    assert _comparable(stable(warm)) == _comparable(stable(results["local"]))
    assert calls["warm_local"] == calls["local"]
    assert warm["vpc"]["changed"] and warm["bucket"]["changed"] and warm["wrong subnet"]["failed"]
    assert not warm["vpc again"]["changed"] and warm["vpc otherwise"]["changed"]
    assert warm["tells_command_line"]["forked"] is True
