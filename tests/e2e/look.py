"""Start everything that the tests start, print where it is, and leave it up until Ctrl-C."""

import contextlib
import signal
import sys
import tempfile
from pathlib import Path

for neighbour in ("charts", "unit"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / neighbour))

from monitoring_stack import Stack, monitoring_stack  # noqa: E402  (after the path to what it needs)


def show(stack: Stack) -> None:
    """Print addresses and the folder of configurations and logs."""
    print(f"Prometheus (API)      {stack.prometheus}")
    print(f"Alertmanager          {stack.url('alertmanager', 9093)}  {stack.url('alertmanager', 9093, 1)}")
    print(f"Jaeger (API)          {stack.url('jaeger-query', 16686)}")
    for name, exporter in stack.exporters.items():
        print(f"{name:21} {'https' if exporter.tls else 'http'}://{exporter.address}:{exporter.port}/metrics")
    print(f"configuration, logs   {stack.folder}", flush=True)


def main() -> None:
    """Run until Ctrl-C."""
    print("Starting everything; Ctrl-C ends it.", flush=True)
    with tempfile.TemporaryDirectory(prefix="trading-e2e-") as name, monitoring_stack(Path(name)) as stack:
        show(stack)
        signal.pause()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
