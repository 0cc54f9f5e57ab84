"""Run the server in this process until it is told to end."""

import gc
import os
import signal
import sys
import threading

from trading_platform.emulator import process
from trading_platform.emulator.settings import Settings, configure_moto

_POLL_SECONDS = 0.05


def serve(settings: Settings, until_stdin_closes: bool = False) -> None:
    """Serve until SIGTERM or SIGINT, or until standard input ends. Raises ProcessError if one runs already.

    ``until_stdin_closes`` ties the server to the process that started it: however that one ends, the pipe closes.
    """
    with process.take_lock(settings.run_dir):
        process.run_file(settings.run_dir).unlink(missing_ok=True)
        # Importing moto makes half a million objects and hardly any garbage: looking for it takes a tenth of the time.
        gc.disable()
        configure_moto(settings.account_id)
        # Only now: importing moto reads what configure_moto sets.
        from trading_platform.emulator.application import Application
        from trading_platform.emulator.extension import apply_all
        from trading_platform.emulator.http_server import listen

        try:
            server = listen(settings.port, Application(settings.account_id, apply_all()))
        except OSError as error:
            raise process.ProcessError(f"cannot listen on port {settings.port}: {error.strerror}") from error
        # Moto's classes and models stay as long as the server does, and looking through them for garbage takes long.
        gc.freeze()
        gc.set_threshold(20_000, 10, 50)
        gc.enable()
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True).start()
        if until_stdin_closes:
            threading.Thread(target=_wait_for_stdin, args=(ended,), daemon=True).start()
        state = process.Running(os.getpid(), server.port, settings.account_id)
        process.get(state.endpoint, "/_emulator/status")
        process.write(settings.run_dir, state)
        print(f"embedded AWS at {state.endpoint} (account {state.account_id}, pid {state.pid})", flush=True)
        ended.wait()
        server.shutdown()
        server.server_close()
        process.run_file(settings.run_dir).unlink(missing_ok=True)


def _wait_for_stdin(ended: threading.Event) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    ended.set()
