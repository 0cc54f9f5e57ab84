"""s3."""

from trading_platform.emulator.extension import Extension

extension = Extension("s3")
EXTENSIONS = (extension,)
