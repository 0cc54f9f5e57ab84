"""The design document's PostgreSQL figures in the units that RDS takes."""

import pytest

from trading_platform.postgres_parameters import ParameterValueError, rds_value, rds_values


def test_the_seven_figures_of_the_design_document() -> None:
    written = {
        "max_connections": 1000,
        "shared_buffers": "4GB",
        "effective_cache_size": "12GB",
        "maintenance_work_mem": "2GB",
        "work_mem": "10MB",
        "random_page_cost": 1.1,
        "effective_io_concurrency": 200,
    }
    assert rds_values(written) == {
        "max_connections": "1000",
        "shared_buffers": "524288",
        "effective_cache_size": "1572864",
        "maintenance_work_mem": "2097152",
        "work_mem": "10240",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "200",
    }


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("shared_buffers", "4 GB", "524288"),
        ("shared_buffers", "1.5GB", "196608"),
        ("shared_buffers", 524288, "524288"),
        ("shared_buffers", "{DBInstanceClassMemory/32768}", "{DBInstanceClassMemory/32768}"),
        ("work_mem", "64kB", "64"),
        ("max_wal_size", "2GB", "2048"),
        ("log_min_duration_statement", "1s", "1000"),
        ("log_min_duration_statement", "-1", "-1"),
        ("log_min_duration_statement", "0.25s", "250"),
        ("idle_in_transaction_session_timeout", "10min", "600000"),
        ("checkpoint_timeout", "15min", "900"),
        ("rds.force_ssl", True, "1"),
        ("log_connections", False, "0"),
        ("shared_preload_libraries", ["pg_stat_statements", "pgaudit"], "pg_stat_statements,pgaudit"),
        ("pgaudit.role", "rds_pgaudit", "rds_pgaudit"),
    ],
)
def test_values(name: str, written: object, value: str) -> None:
    assert rds_value(name, written) == value


@pytest.mark.parametrize(
    ("name", "written", "message"),
    [
        ("shared_buffers", "4GiB", "no unit of B, kB, MB, GB, TB"),
        ("shared_buffers", "4gb", "no unit of"),
        ("shared_buffers", "10kB", "no whole number of its units"),
        ("work_mem", "100B", "no whole number"),
        ("log_min_duration_statement", "4GB", "no unit of us, ms"),
        ("log_min_duration_statement", "10us", "no whole number"),
        ("work_mem", None, "no value of a parameter"),
        ("work_mem", {"MB": 10}, "no value of a parameter"),
    ],
)
def test_what_cannot_be_meant_is_refused(name: str, written: object, message: str) -> None:
    with pytest.raises(ParameterValueError, match=message) as caught:
        rds_value(name, written)
    assert str(caught.value).startswith(f"{name}: ")
