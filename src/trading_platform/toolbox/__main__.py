"""``python -m trading_platform.toolbox``: see ``cli``."""

import sys

from trading_platform.toolbox.cli import main

if __name__ == "__main__":
    sys.exit(main())
