"""iam."""

from trading_platform.emulator.extension import Extension

extension = Extension("iam")
EXTENSIONS = (extension,)
