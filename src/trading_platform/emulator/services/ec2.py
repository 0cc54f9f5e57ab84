"""ec2."""

from trading_platform.emulator.extension import Extension

extension = Extension("ec2")
EXTENSIONS = (extension,)
