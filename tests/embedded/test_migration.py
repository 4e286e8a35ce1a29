"""A release whose new image changes the schema before any traffic moves."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from installation.settings.file import load_settings
from ops.errors import ExitCode
from tests.conftest import ROOT
from tests.support.embedded.running_month import Hannibal, RunningMonth, running_month
from tests.support.waiting import LIMIT_SECONDS, wait_for

pytestmark = pytest.mark.embedded
MAKE_TABLE = ("psql", "-c", "CREATE TABLE IF NOT EXISTS migrated (n int)", "-c", "INSERT INTO migrated VALUES (1)")
COUNT = ("run", "--", "psql", "-c", "SELECT count(*) AS n FROM migrated")
# The command with another setting than the given configuration has.
_PROGRAM = """
import sys
from installation.settings import file as settings_file
from tests.support.given_configuration import use_given_configuration
use_given_configuration()
original = settings_file.load_settings
def changed(environment):
    settings = original(environment)
    return settings.model_copy(update={{"release": settings.release.model_copy(update={{"migrate": {migrate!r}}})}})
settings_file.load_settings = changed
from ops.cli.app import run
run()
"""


@pytest.fixture(scope="module")
def month(assembly: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMonth]:
    with running_month(tmp_path_factory.mktemp("migration"), assembly("dev"), "--clock-factor", "120") as month:
        yield month


@pytest.fixture
def migrating(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(*command: str, **more: Any) -> None:
        settings = load_settings("dev")
        release = settings.release.model_copy(update={"migrate": command, **more})
        changed = settings.model_copy(update={"release": release})
        monkeypatch.setattr("installation.settings.file.load_settings", lambda _: changed)

    return use


def begin(month: RunningMonth, image: str, *command: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM.format(migrate=command), "release", "--image", image, "--yes"],
        cwd=ROOT,
        env=month.server.environment | {"PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def definitions(month: RunningMonth) -> list[str]:
    return list(month.ecs.list_task_definitions(familyPrefix=month.names.task_family)["taskDefinitionArns"])


def migrations(month: RunningMonth) -> list[str]:
    return list(
        month.ecs.list_tasks(cluster=month.names.cluster, startedBy="hannibal/migrate", desiredStatus="RUNNING")[
            "taskArns"
        ]
    )


def test_the_new_image_migrates_before_traffic_moves(
    hannibal: Hannibal, month: RunningMonth, migrating: Callable[..., None]
) -> None:
    migrating(*MAKE_TABLE)
    planned = hannibal("release", "--image", "example/api:1", "--dry-run")
    assert "Migrates by `psql -c" in planned.stdout
    released = hannibal("release", "--image", "example/api:1", "--yes", "--json")
    assert released.exit_code == 0, released.output
    events = [json.loads(line) for line in released.stdout.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds.index("migration") < kinds.index("begun")
    assert "INSERT 0 1" in [event["data"]["line"] for event in events if event["event"] == "migration"]
    assert month.serving() == "example/api:1"
    (run, *_) = json.loads(hannibal("runs", "--json").stdout)
    assert (run["purpose"], run["image"], run["exit_code"]) == ("migrate", "example/api:1", 0)


def test_only_another_image_that_is_not_an_earlier_one_migrates(
    hannibal: Hannibal, month: RunningMonth, migrating: Callable[..., None]
) -> None:
    migrating("exit", "1")
    assert hannibal("release", "--configuration", "--again", "--yes").exit_code == 0
    assert hannibal("rollback", "--yes").exit_code == 0
    assert month.serving() != "example/api:1"
    migrating(*MAKE_TABLE)
    assert hannibal("release", "--image", "example/api:1", "--yes").exit_code == 0
    assert hannibal(*COUNT).stdout.splitlines()[1] == "2"


def test_a_migration_that_fails_leaves_all_as_it_was(
    hannibal: Hannibal, month: RunningMonth, migrating: Callable[..., None]
) -> None:
    before = (month.serving(), month.recorded(), month.weights(), definitions(month))
    deployments = month.deploy.list_deployments()["deployments"]
    migrating("sh", "-c", "exit 4")
    result = hannibal("release", "--image", "example/api:2", "--yes")
    assert result.exit_code == ExitCode.MIGRATION_FAILED
    assert "ended with exit code 4. Nothing was shifted: example/api:1 serves as before" in result.stderr
    assert (month.serving(), month.recorded(), month.weights(), definitions(month)) == before
    assert month.deploy.list_deployments()["deployments"] == deployments
    # The next attempt is a new one, although ECS remembers the token of the last.
    migrating("exit", "5")
    assert "exit code 5" in hannibal("release", "--image", "example/api:2", "--yes").stderr


def test_a_migration_that_takes_too_long_is_stopped(
    hannibal: Hannibal, month: RunningMonth, migrating: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.release.migration._SECONDS_PER_MINUTE", 1.0)
    migrating("sleep", "600", migrate_minutes=1)
    result = hannibal("release", "--image", "example/api:2", "--yes")
    assert result.exit_code == ExitCode.MIGRATION_FAILED
    assert "did not end by itself: longer than release.migrate_minutes (1)" in result.stderr
    assert migrations(month) == []


def test_concurrent_releases_migrate_once(
    month: RunningMonth, hannibal: Hannibal, migrating: Callable[..., None]
) -> None:
    with begin(month, "example/api:3", "sleep", "600") as first:
        wait_for(lambda: len(migrations(month)) == 1)
        migrating("true")
        second = hannibal("release", "--image", "example/api:4", "--yes")
        assert second.exit_code == ExitCode.REFUSED
        assert "another release is migrating" in second.stderr
        assert len(migrations(month)) == 1
        os.kill(first.pid, signal.SIGINT)
        _, errors = first.communicate(timeout=LIMIT_SECONDS)
    assert first.returncode == ExitCode.CANCELLED
    assert "nothing was shifted" in errors
    wait_for(lambda: migrations(month) == [])
    assert month.serving() == "example/api:1"
    assert hannibal("release", "--image", "example/api:4", "--yes").exit_code == 0
    assert month.serving() == "example/api:4"


def test_of_two_releases_at_the_same_second_one_migrates(month: RunningMonth) -> None:
    with begin(month, "example/api:5", "sleep", "600") as one, begin(month, "example/api:6", "sleep", "600") as other:
        wait_for(lambda: one.poll() is not None or other.poll() is not None)
        refused, migrates = (one, other) if one.poll() is not None else (other, one)
        assert refused.returncode == ExitCode.REFUSED
        assert "another release is migrating" in refused.communicate()[1]
        assert len(migrations(month)) == 1
        os.kill(migrates.pid, signal.SIGINT)
        migrates.communicate(timeout=LIMIT_SECONDS)
    assert migrates.returncode == ExitCode.CANCELLED
    assert month.serving() == "example/api:4"
