"""The service signs in to the database as a user of its own: rows, no DDL, and another password each month."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from app import build
from installation import names
from installation.settings import Settings
from installation.settings.file import load_settings
from tests.conftest import new_app
from tests.support.embedded.database import connect
from tests.support.embedded.running_month import Hannibal, RunningMonth, running_month
from tests.support.synthesis import changed
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded
USER = {"service_user": "app", "service_user_image": "example/psql@sha256:" + "5" * 64}
VISITS = "CREATE TABLE IF NOT EXISTS visits (id serial PRIMARY KEY, path text NOT NULL)"
INSERT = ("run", "--", "psql", "-c", "INSERT INTO visits (path) VALUES ('/')")


def with_user() -> Settings:
    return changed(load_settings("dev"), database=USER, release={"migrate": ("psql", "-c", VISITS)})


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMonth]:
    assembly = tmp_path_factory.mktemp("service-user-assembly")
    app = new_app(assembly)
    build(app, with_user())
    app.synth()
    with running_month(tmp_path_factory.mktemp("service-user"), assembly, "--clock-factor", "120") as month:
        yield month


@pytest.fixture
def hannibal(month: RunningMonth, monkeypatch: pytest.MonkeyPatch) -> Hannibal:
    monkeypatch.setattr("installation.settings.file.load_settings", lambda _: with_user())
    return Hannibal(month, monkeypatch)


def url(month: RunningMonth) -> str:
    """The connection string of the service."""
    (stack,) = month.cloudformation.describe_stacks(StackName=names.STORAGE_STACK)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    secrets = month.server.session().client("secretsmanager")
    return str(secrets.get_secret_value(SecretId=outputs[names.DATABASE_URL_OUTPUT])["SecretString"])


def definitions(month: RunningMonth, status: str) -> list[str]:
    found: list[str] = month.ecs.list_task_definitions(familyPrefix=month.names.task_family, status=status)[
        "taskDefinitionArns"
    ]
    return found


@pytest.fixture
def database(month: RunningMonth) -> Callable[[], Any]:
    return lambda: connect(month.server, url(month))


def test_the_service_signs_in_as_its_own_user_from_the_first_task_on(
    month: RunningMonth, database: Callable[[], Any]
) -> None:
    wait_for(lambda: month.ask()[0] == 200)
    assert month.ask()[1]["rows"] == 0
    assert urlsplit(url(month)).username == "app"
    with database() as connection:
        role = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(role).fetchone() == (False, False, False, False)


@pytest.mark.parametrize("statement", [VISITS, "CREATE SCHEMA mine", "CREATE DATABASE mine", "CREATE ROLE mine"])
def test_the_services_user_changes_no_schema(database: Callable[[], Any], statement: str) -> None:
    with database() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_the_migration_of_a_release_may_and_the_service_writes_rows_to_what_it_made(
    month: RunningMonth, hannibal: Hannibal, database: Callable[[], Any]
) -> None:
    released = hannibal("release", "--image", "example/api:1", "--yes")
    assert released.exit_code == 0, released.output
    assert "CREATE TABLE" in released.stdout
    inserted = hannibal(*INSERT)
    assert inserted.exit_code == 0, inserted.output
    assert month.ask()[1]["rows"] == 1
    with database() as connection:
        for statement in ("DROP TABLE visits", "ALTER TABLE visits ADD COLUMN more text", "TRUNCATE visits"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement)


def test_the_container_of_the_api_never_gets_the_master_users_password(month: RunningMonth) -> None:
    service = month.ecs.describe_services(cluster=month.names.cluster, services=[month.names.service])["services"][0]
    running = service["taskSets"][0]["taskDefinition"]
    described = month.ecs.describe_task_definition(taskDefinition=running)["taskDefinition"]
    secrets = {
        container["name"]: {secret["name"]: secret["valueFrom"] for secret in container.get("secrets", [])}
        for container in described["containerDefinitions"]
    }
    master = secrets[names.DATABASE_USER_CONTAINER]["DATABASE_URL"]
    assert master not in secrets[month.names.container].values()
    assert master != secrets[month.names.container]["DATABASE_URL"]
    gone = [
        month.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
        for arn in definitions(month, "INACTIVE")
    ]
    assert [master in json.dumps(each["containerDefinitions"][0]) for each in gone] == [True], "the migration's is gone"


def test_the_newest_snapshot_is_restored_and_read_before_it_is_needed(
    month: RunningMonth, hannibal: Hannibal, database: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = ("psql", "$RESTORED_DATABASE_URL", "-c", "SELECT count(*) FROM visits")
    settings = changed(with_user(), database={**USER, "restore_check": check})
    monkeypatch.setattr("installation.settings.file.load_settings", lambda _: settings)
    assert "no snapshot yet" in hannibal("snapshots", "try", "--yes").stderr
    assert hannibal("snapshots", "take", "--yes").exit_code == 0
    with database() as connection:
        connection.execute("INSERT INTO visits (path) VALUES ('/later')")

    tried = hannibal("snapshots", "try", "--yes", "--json")

    assert tried.exit_code == 0, tried.output
    trial = json.loads(tried.stdout)["trial"]
    assert trial["succeeded"]
    assert "1" in trial["printed"], trial
    rds = month.server.session().client("rds")
    assert [it["DBInstanceIdentifier"] for it in rds.describe_db_instances()["DBInstances"]] == [month.names.database]
    with database() as connection:
        connection.execute("DELETE FROM visits WHERE path = '/later'")


def test_the_next_month_signs_in_with_another_password(month: RunningMonth, database: Callable[[], Any]) -> None:
    before = urlsplit(url(month))
    month.end_month()
    month.start_month()
    wait_for(lambda: month.ask()[0] == 200)
    assert month.ask()[1]["rows"] == 1

    after = urlsplit(url(month))
    assert (after.username, before.password == after.password) == ("app", False)
    old = url(month).replace(str(after.password), str(before.password))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(month.server, old)
    with database() as connection:
        assert connection.execute("SELECT count(*) FROM visits").fetchone() == (1,)
