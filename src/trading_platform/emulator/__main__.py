"""``python -m trading_platform.emulator``: see ``cli``."""

import sys

from trading_platform.emulator.cli import main

if __name__ == "__main__":
    sys.exit(main())
