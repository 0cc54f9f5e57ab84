"""``python -m trading_platform.emulator``: see ``cli``."""

import os
import sys

from trading_platform.emulator.cli import main

if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Taking down a few hundred thousand objects one by one takes longer than a test; the system does it at once.
    os._exit(code)
