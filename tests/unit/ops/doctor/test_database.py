"""The database's states, its two secrets, and credentials that may not see them."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.doctor.database import examine
from ops.doctor.finding import Examination
from ops.service import pauses
from tests.support.fake_clients import client_error
from tests.support.fakes import NOW, FakeAccount
from tests.support.running_account import running
from tests.support.synthesis import changed

URL = "postgresql://hannibal:secret@db.example:5432/postgres?sslmode=verify-full"
PASSWORD = {"username": "hannibal", "password": "secret"}


class Secrets:
    """Two secrets, of which versions and permissions are a test's."""

    def __init__(self, *, url: str = URL, password: object = PASSWORD, denied: bool = False) -> None:
        self._values = {"url-secret": url, "hannibal/db/password": json.dumps(password)}
        self._denied = denied

    def get_secret_value(self, SecretId: str, VersionStage: str = "AWSCURRENT") -> Any:  # noqa: N803 - boto3's names
        if self._denied:
            raise client_error("AccessDeniedException", operation="GetSecretValue")
        if VersionStage != "AWSCURRENT":
            raise client_error("ResourceNotFoundException")
        return {"SecretString": self._values[SecretId], "VersionId": "new", "CreatedDate": NOW}

    def describe_secret(self, **_: Any) -> Any:
        return {"VersionIdsToStages": {"new": ["AWSCURRENT"], "old": ["AWSPREVIOUS"]}}


def look(
    account: FakeAccount, settings: Settings, secrets: Secrets, status: str = "available", version: str = "18.3"
) -> Examination:
    running(account).database["DBInstanceStatus"] = status
    account.database |= {"AllocatedStorage": 20, "EngineVersion": version}
    account.services = []  # the way to it is tested with the network
    outputs = [{"OutputKey": "DatabaseUrlSecret", "OutputValue": "url-secret"}]
    account.stacks["StorageStack"]["Outputs"] = outputs
    aws: Any = account.aws(settings)
    aws.secretsmanager = secrets
    aws.logs = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **__: []))
    return examine(aws, NOW)


def test_a_database_that_agrees_with_its_secrets_has_no_finding(account: FakeAccount, settings: Settings) -> None:
    examination = look(account, settings, Secrets())
    assert examination.findings == ()
    assert "DATABASE_URL and hannibal/db/password agree" in examination.healthy


def test_a_user_of_the_service_has_a_password_of_its_own(account: FakeAccount, settings: Settings) -> None:
    image = f"postgres@sha256:{'5' * 64}"
    own = changed(settings, database={"service_user": "app", "service_user_image": image})
    examination = look(account, own, Secrets(url=URL.replace("hannibal:secret", "app:another")))
    assert examination.findings == ()
    assert "DATABASE_URL signs in as app, the service's own user" in examination.healthy


@pytest.mark.parametrize(
    ("runs", "offered", "causes"),
    [
        ("18.3", ("18.3", "18.4"), set()),
        ("18.4", ("18.3", "18.4"), {"version-ahead"}),
        ("18.3", ("18.4", "18.5"), {"version-withdrawn"}),
        ("18.3", ("18.3", "18.4", "18.5", "18.6"), {"version-ending"}),
    ],
)
def test_a_version_that_stops_the_next_start_is_told_before(
    account: FakeAccount, settings: Settings, runs: str, offered: tuple[str, ...], causes: set[str]
) -> None:
    account.engine_versions = offered
    assert {one.cause for one in look(account, settings, Secrets(), version=runs).findings} == causes


@pytest.mark.parametrize(("used", "causes"), [(95, set()), (96, {"snapshots-full"}), (100, {"snapshots-full"})])
def test_a_month_that_could_not_end_is_told_before(
    account: FakeAccount, settings: Settings, used: int, causes: set[str]
) -> None:
    account.used_snapshots = used
    found = look(account, settings, Secrets()).findings
    assert {one.cause for one in found} == causes
    for one in found:  # `hannibal snapshots list` has none of other databases, which count as well
        assert one.remediations[0].command.startswith("aws rds describe-db-snapshots --snapshot-type manual")


def test_an_instance_that_a_killed_trial_has_left_is_told(account: FakeAccount, settings: Settings) -> None:
    tags = [{"Key": "RestoredTo", "Value": "newest"}]
    trial = {"DBInstanceIdentifier": settings.names.trial_database, "DBInstanceStatus": "available", "TagList": tags}
    account.others = [trial]
    (found,) = look(account, settings, Secrets()).findings
    assert (found.cause, found.level) == ("trial-database", "notice")
    assert "hannibal restore --env dev --let-go" in str(found.remediations)


def test_between_the_renames_of_a_restore_nobody_has_deleted_the_database(
    account: FakeAccount, settings: Settings
) -> None:
    names = settings.names
    account.add_month()
    account.database = None
    resource = {
        "LogicalResourceId": "Database",
        "ResourceType": "AWS::RDS::DBInstance",
        "ResourceStatus": "CREATE_COMPLETE",
    }
    account.resources = {"StorageStack": [resource]}
    tags = [{"Key": "RestoredTo", "Value": "kept"}]
    account.others = [
        {"DBInstanceIdentifier": names.coming_database, "DBInstanceStatus": "available", "TagList": tags},
        {"DBInstanceIdentifier": f"{names.former_databases}20261126-090000", "DBInstanceStatus": "available"},
    ]
    found = examine(account.aws(settings), NOW)
    assert ([one.cause for one in found.findings], found.healthy) == (["restore-unfinished"], ())
    (reason,) = pauses.plan(account.aws(settings), "resume").refusals
    assert "a restore to kept has not ended" in reason


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED"])
def test_a_deleted_database_is_missed_whatever_the_last_update_did(
    account: FakeAccount, settings: Settings, status: str
) -> None:
    account.add_stack("StorageStack", status)
    kind = "AWS::RDS::DBInstance"
    resource = {"LogicalResourceId": "Database", "ResourceType": kind, "ResourceStatus": "UPDATE_COMPLETE"}
    account.resources = {"StorageStack": [resource]}
    found = examine(account.aws(settings), NOW)
    assert ([one.cause for one in found.findings], found.healthy) == (["database-deleted"], ())


@pytest.mark.parametrize("stack", ["", "DELETE_IN_PROGRESS"])
def test_a_database_that_goes_with_its_month_is_no_trouble(
    account: FakeAccount, settings: Settings, stack: str
) -> None:
    """It said to ask AWS's support, in the middle of every stop."""
    if stack:
        account.add_stack("StorageStack", stack)
    account.database = {"DBInstanceStatus": "deleting"}
    found = examine(account.aws(settings), NOW)
    assert (found.findings, found.healthy) == (
        (),
        (f"{settings.names.database} is being deleted, and StorageStack does not need it",),
    )


def test_without_a_month_no_database_is_missed(account: FakeAccount, settings: Settings) -> None:
    assert examine(account.aws(settings), NOW).healthy == ("no database: between two months there is none",)


@pytest.mark.parametrize(
    ("status", "cause", "level", "command"),
    [
        ("stopped", "database-stopped", "trouble", "start-db-instance"),
        ("storage-full", "database-full", "trouble", "--allocated-storage 30"),
        ("modifying", "database-changing", "notice", "aws rds wait"),
        ("resetting-master-credentials", "database-changing", "notice", "aws rds wait"),
        ("configuring-iam-database-auth", "database-changing", "notice", "aws rds wait"),
        ("inaccessible-encryption-credentials", "database-unavailable", "trouble", "describe-events"),
        ("deleting", "database-unavailable", "trouble", "describe-events"),
    ],
)
def test_each_state_of_the_database_has_its_finding(
    account: FakeAccount, settings: Settings, status: str, cause: str, level: str, command: str
) -> None:
    (finding,) = look(account, settings, Secrets(), status).findings
    assert (finding.cause, finding.level) == (cause, level)
    assert command in finding.remediations[0].command


@pytest.mark.parametrize("status", ["storage-optimization", "storage-initialization"])
def test_storage_that_is_optimized_or_filled_for_hours_is_no_trouble(
    account: FakeAccount, settings: Settings, status: str
) -> None:
    found = look(account, settings, Secrets(), status)
    assert found.findings == ()
    assert any(f"is {status} (" in line for line in found.healthy)


def test_characters_that_a_url_escapes_are_compared_as_they_are(account: FakeAccount, settings: Settings) -> None:
    secrets = Secrets(url=URL.replace(":secret@", ":p%40ss@"), password=PASSWORD | {"password": "p@ss"})
    assert look(account, settings, secrets).findings == ()


@pytest.mark.parametrize(
    ("secrets", "text"),
    [
        (Secrets(password=PASSWORD | {"password": "another"}), "a password that differs"),
        (Secrets(password=PASSWORD | {"username": "somebody"}), "a user that differs"),
        (Secrets(password={}), "a user that differs"),
        (Secrets(password=12345678), "a user that differs"),  # as where an operator has put the bare password
    ],
)
def test_secrets_that_differ_are_told_without_their_values(
    account: FakeAccount, settings: Settings, secrets: Secrets, text: str
) -> None:
    (finding,) = look(account, settings, secrets).findings
    assert finding.cause == "password-differs"
    assert text in finding.evidence[0].text
    assert "another" not in repr(finding)
    assert "secret@" not in repr(finding)
    # No version of the password fits, so DATABASE_URL is the one that was changed, and goes back.
    assert "--secret-id url-secret" in finding.remediations[0].command
    assert "--move-to-version-id old --remove-from-version-id new" in finding.remediations[0].command


@pytest.mark.parametrize("password", ["pa/ss", "pa[ss", "pa#ss"])
def test_a_password_that_is_not_escaped_leaves_no_address(
    account: FakeAccount, settings: Settings, password: str
) -> None:
    url = URL.replace(":secret@", f":{password}@")
    finding, *_ = look(account, settings, Secrets(url=url)).findings
    assert finding.cause == "endpoint-differs"
    assert finding.evidence[0].text == "no address that a client can read"
    assert "ss@" not in repr(finding)


def test_who_may_not_read_secrets_still_gets_the_rest(account: FakeAccount, settings: Settings) -> None:
    examination = look(account, settings, Secrets(denied=True), "stopped")
    assert [finding.cause for finding in examination.findings] == ["database-stopped"]
    assert examination.skipped == (
        "DATABASE_URL: these credentials may not do GetSecretValue",
        "the password: these credentials may not do GetSecretValue",
    )


def test_too_many_connections(account: FakeAccount, settings: Settings) -> None:
    account.datapoints = [{"Timestamp": NOW, "Maximum": 93.0}]
    (finding,) = look(account, settings, Secrets()).findings
    assert finding.cause == "connections-used-up"
    assert "93 of 100" in finding.summary
    # Without the option a release is refused: the alarm of the connections is in ALARM.
    assert "--again --ignore-alarms" in str(finding.remediations[1].command)


@pytest.mark.parametrize(("used", "causes"), [(79.0, []), (80.0, ["connections-used-up"])])
def test_connections_are_too_many_where_their_alarm_sounds(
    account: FakeAccount, settings: Settings, used: float, causes: list[str]
) -> None:
    account.datapoints = [{"Timestamp": NOW, "Maximum": used}]
    assert [finding.cause for finding in look(account, settings, Secrets()).findings] == causes


def test_a_newest_snapshot_that_failed_is_told_before_the_next_start_refuses_it(
    account: FakeAccount, settings: Settings
) -> None:
    account.add_snapshot("good", days_old=2)
    account.add_snapshot("bad", days_old=1, status="failed")
    (finding,) = look(account, settings, Secrets()).findings
    assert (finding.cause, finding.level) == ("snapshot-failed", "trouble")
    assert "aws rds delete-db-snapshot --db-snapshot-identifier bad" in [it.command for it in finding.remediations]
    account.add_snapshot("better", days_old=0)
    assert look(account, settings, Secrets()).findings == ()


def test_a_failed_snapshot_is_told_between_two_months(account: FakeAccount, settings: Settings) -> None:
    account.add_snapshot("bad", days_old=1, status="failed")
    assert [it.cause for it in examine(account.aws(settings), NOW).findings] == ["snapshot-failed"]


@pytest.mark.parametrize(
    ("status", "cause", "command"),
    [
        ("failed", "database-failed", "hannibal restore --env dev --to TIME"),
        ("restore-error", "database-failed", "hannibal restore --env dev --to TIME"),
        ("incompatible-parameters", "database-parameters", "aws rds reboot-db-instance --db-instance-identifier"),
        ("incompatible-network", "database-startable", "aws rds start-db-instance --db-instance-identifier"),
        (
            "inaccessible-encryption-credentials-recoverable",
            "database-startable",
            "aws rds start-db-instance --db-instance-identifier",
        ),
        ("storage-full", "database-full", "aws rds modify-db-instance"),
        ("insufficient-capacity", "database-unavailable", "aws rds describe-events"),
    ],
)
def test_each_state_has_its_own_way_out(
    account: FakeAccount, settings: Settings, status: str, cause: str, command: str
) -> None:
    (finding,) = look(account, settings, Secrets(), status).findings
    assert (finding.cause, finding.level) == (cause, "trouble")
    assert any(it.command.startswith(command) for it in finding.remediations)
