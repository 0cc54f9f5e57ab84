"""KMS: multi-Region keys, rotation, key states and key policies."""

from trading_platform.emulator.services.kms import multi_region, refusals, rotation

EXTENSIONS = tuple(module.extension for module in (refusals, multi_region, rotation))
