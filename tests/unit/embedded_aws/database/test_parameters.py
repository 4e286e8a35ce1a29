"""Parameter groups: what they may say, and what the server makes of it."""

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.database import parameters


@pytest.mark.parametrize(
    ("name", "value", "method"),
    [
        ("max_connections", "100", "pending-reboot"),
        ("max_connections", "LEAST({DBInstanceClassMemory/9531392},5000)", "pending-reboot"),
        ("max_connections", None, "immediate"),
        ("log_min_duration_statement", "-1", "immediate"),
        ("rds.force_ssl", "1", "immediate"),
        ("pg_stat_statements.track", "all", "immediate"),
        ("timezone", "Asia/Tokyo", "immediate"),
        ("DateStyle", "ISO, DMY", "immediate"),
        ("log_statement", "ddl", "immediate"),
        ("autovacuum", "on", "immediate"),
        ("wal_compression", "zstd", "immediate"),  # whatever the server of this machine was built with
    ],
)
def test_parameters_that_rds_takes(name: str, value: str | None, method: str) -> None:
    parameters.check(name, value, method)


@pytest.mark.parametrize(
    ("name", "value", "method", "code", "message"),
    [
        ("max_conections", "100", "immediate", "InvalidParameterValue", "Could not find parameter with name: max_cone"),
        (
            "max_connections",
            "100",
            "immediate",
            "InvalidParameterCombination",
            "cannot use immediate apply method for static parameter",
        ),
        (
            "max_connections",
            "0",
            "pending-reboot",
            "InvalidParameterValue",
            "Invalid parameter value: 0 for: max_connections allowed values are: 1-262143",
        ),
        ("max_connections", "many", "pending-reboot", "InvalidParameterValue", "Invalid parameter value: many"),
        (
            "log_statement",
            "everything",
            "immediate",
            "InvalidParameterValue",
            "Invalid parameter value: everything for: log_statement allowed values are: none,ddl,mod,all",
        ),
        (
            "rds.force_ssl",
            "yes",
            "immediate",
            "InvalidParameterValue",
            "Invalid parameter value: yes for: rds.force_ssl allowed values are: 0,1",
        ),
        (
            "data_directory",
            "/x",
            "pending-reboot",
            "InvalidParameterValue",
            "The parameter data_directory cannot be modified.",
        ),
    ],
)
def test_parameters_that_rds_refuses(name: str, value: str, method: str, code: str, message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        parameters.check(name, value, method)
    assert refusal.value.code == code
    assert message in refusal.value.message


def test_the_server_gets_what_the_group_says_and_nothing_that_it_decides_itself() -> None:
    values = {
        "max_connections": "100",
        "port": "1",
        "rds.force_ssl": "1",
        "shared_buffers": "{DBInstanceClassMemory/32768}",
        "shared_preload_libraries": "pg_stat_statements,pg_cron",
        "ssl": "1",
        "wal_compression": "zstd",
    }
    assert parameters.server_settings(values, instance_class="db.t4g.micro") == {
        "max_connections": "100",
        "shared_preload_libraries": "pg_stat_statements",
    }


@pytest.mark.parametrize(
    ("instance_class", "connections"),
    [("db.t4g.micro", "112"), ("db.t4g.small", "225"), ("db.m7g.2xlarge", "3604"), ("db.r7g.24xlarge", "5000")],
)
def test_the_default_of_connections_is_by_memory(instance_class: str, connections: str) -> None:
    assert parameters.server_settings({}, instance_class=instance_class)["max_connections"] == connections


@pytest.mark.parametrize(
    ("values", "version", "required"),
    [
        ({}, "17.6", True),
        ({}, "15.4", True),
        ({}, "14.9", False),
        ({"rds.force_ssl": "0"}, "17.6", False),
        ({"rds.force_ssl": "1"}, "14.9", True),
    ],
)
def test_tls_is_required_by_group_or_version(values: dict[str, str], version: str, required: bool) -> None:
    assert parameters.requires_tls(values, engine_version=version) is required
