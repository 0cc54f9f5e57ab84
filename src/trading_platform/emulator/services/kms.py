"""kms."""

from trading_platform.emulator.extension import Extension

extension = Extension("kms")
EXTENSIONS = (extension,)
