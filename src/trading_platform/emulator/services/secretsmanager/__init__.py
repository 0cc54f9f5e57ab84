"""Secrets Manager: secrets, their replicas and their rotation."""

from trading_platform.emulator.services.secretsmanager import replicas, rotation, secrets

EXTENSIONS = tuple(module.extension for module in (secrets, replicas, rotation))
