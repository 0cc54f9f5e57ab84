"""sts."""

from trading_platform.emulator.extension import Extension

extension = Extension("sts")
EXTENSIONS = (extension,)
