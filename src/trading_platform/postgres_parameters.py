"""PostgreSQL settings as people write them, turned into the values that an RDS parameter group takes.

The design document says ``shared_buffers: 4 GB``. RDS takes a bare number in the unit of the setting and refuses
``4GB``; the units are those of ``pg_settings.unit`` (https://www.postgresql.org/docs/16/view-pg-settings.html):
shared_buffers counts pages of 8 kB, work_mem counts kB, log_min_duration_statement counts milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

# Units of PostgreSQL's own configuration file: https://www.postgresql.org/docs/16/config-setting.html
BYTES: Mapping[str, int] = {"B": 1, "kB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}
MICROSECONDS: Mapping[str, int] = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}

PAGE = 8 * 2**10
KILOBYTE = 2**10
MEGABYTE = 2**20
MILLISECOND = 1_000
SECOND = 1_000_000

# Size of one unit, in bytes or microseconds, of the settings that are written with a unit.
MEMORY: Mapping[str, int] = {
    "effective_cache_size": PAGE,
    "shared_buffers": PAGE,
    "wal_buffers": PAGE,
    "temp_buffers": PAGE,
    "autovacuum_work_mem": KILOBYTE,
    "logical_decoding_work_mem": KILOBYTE,
    "maintenance_work_mem": KILOBYTE,
    "temp_file_limit": KILOBYTE,
    "work_mem": KILOBYTE,
    "max_wal_size": MEGABYTE,
    "min_wal_size": MEGABYTE,
}
TIME: Mapping[str, int] = {
    "autovacuum_naptime": SECOND,
    "checkpoint_timeout": SECOND,
    "deadlock_timeout": MILLISECOND,
    "idle_in_transaction_session_timeout": MILLISECOND,
    "idle_session_timeout": MILLISECOND,
    "lock_timeout": MILLISECOND,
    "log_autovacuum_min_duration": MILLISECOND,
    "log_min_duration_statement": MILLISECOND,
    "statement_timeout": MILLISECOND,
    "tcp_keepalives_idle": SECOND,
    "tcp_keepalives_interval": SECOND,
}

QUANTITY = re.compile(r"\s*(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[A-Za-z]+)\s*")


class ParameterValueError(ValueError):
    """A value that cannot be turned into one that RDS takes; the text names the parameter."""


def rds_values(parameters: Mapping[str, object]) -> dict[str, str]:
    """Turn every value into RDS's: ``{"shared_buffers": "4GB"}`` gives ``{"shared_buffers": "524288"}``.

    Raises:
        ParameterValueError: a value has a unit that does not fit, or is not a whole number of the setting's units.
    """
    return {name: rds_value(name, value) for name, value in parameters.items()}


def rds_value(name: str, value: object) -> str:
    """Turn one value: ``4 GB`` of shared_buffers into ``524288`` pages; ``true`` into ``1``; other text unchanged.

    Raises:
        ParameterValueError: as ``rds_values``.
    """
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list | tuple):
        return ",".join(str(item) for item in value)
    if not isinstance(value, str | int | float):
        raise ParameterValueError(f"{name}: {value!r} is no value of a parameter")
    text = str(value).strip()
    if name in MEMORY:
        return _counted(name, text, BYTES, MEMORY[name])
    if name in TIME:
        return _counted(name, text, MICROSECONDS, TIME[name])
    return text


def _counted(name: str, text: str, units: Mapping[str, int], size: int) -> str:
    """Count how many units of ``size`` the text means. Text without a unit is counted in them already, or a formula."""
    match = QUANTITY.fullmatch(text)
    if match is None:
        return text
    if match["unit"] not in units:
        raise ParameterValueError(f"{name}: {text!r} has no unit of {', '.join(units)}")
    count = Fraction(match["number"]) * units[match["unit"]] / size
    if count.denominator != 1:
        raise ParameterValueError(f"{name}: {text!r} is no whole number of its units ({size} {next(iter(units))} each)")
    return str(count.numerator)
