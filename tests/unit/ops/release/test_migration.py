"""Migrations of two releases that begin at the same time, as ECS and CodeDeploy answer then."""

import os
import signal
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from installation.settings import Settings
from ops.aws.polling import Polling
from ops.errors import CancelledError, RefusedError, UnreachableError
from ops.release import migration
from ops.release.migration import EarlierMigrations, migrate
from ops.release.one_off_command import Started
from ops.service.deployments import RunningDeployment
from ops.service.one_off_record import new_run
from ops.service.one_off_tasks import OneOffTask
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ARN = "arn:aws:ecs:ap-northeast-1:123456789012:task/c/abc"


def task(*, stopped: bool = True, exit_code: int | None = 0, ended: int = 10) -> OneOffTask:
    return OneOffTask(
        arn=ARN,
        status="STOPPED" if stopped else "PENDING",
        command=("migrate",),
        started_by="hannibal/migrate",
        created=NOW - timedelta(seconds=ended + 30),
        exit_code=exit_code if stopped else None,
        reason="",
        stop_code="EssentialContainerExited" if stopped else "",
        ended=NOW - timedelta(seconds=ended) if stopped else None,
        took=None,
    )


class World:
    """What AWS answers: each look at the task takes one of `tasks`, the last again and again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, settings: Settings, *tasks: OneOffTask | None) -> None:
        self.tasks = list(tasks)
        self.running: tuple[RunningDeployment, ...] = ()
        self.begun: tuple[str, ...] = ()
        self.ended: set[str] = set()
        self.slept = 0.0
        self._settings = settings
        monkeypatch.setattr(migration, "read_task", lambda *_: self._next())
        monkeypatch.setattr(migration, "running_deployments", lambda *_: self.running)
        monkeypatch.setattr(migration, "deployment_ids", lambda *_, **__: self.begun)
        monkeypatch.setattr(migration, "read_runs", lambda *_, **__: self._runs())

    def _runs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(task_id=it, exit_code=1, reason="") for it in self.ended]

    def _next(self) -> OneOffTask | None:
        return self.tasks.pop(0) if len(self.tasks) > 1 else self.tasks[0]

    def _sleep(self, seconds: float) -> None:
        self.slept += seconds

    def look(self) -> None:
        polling = Polling(seconds=2.0, sleep=self._sleep, clock=lambda: self.slept)
        EarlierMigrations(aws_of(polling=polling), lambda: NOW).require_ended(ARN)


def test_a_task_that_ecs_does_not_describe_yet_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """Of two releases at the same second the second one gets the task's ARN before DescribeTasks knows it."""
    world = World(monkeypatch, settings, None, None, task(stopped=False))
    with pytest.raises(RefusedError, match="another release is migrating: task abc") as refused:
        world.look()
    assert world.slept == 2.0
    assert "aws ecs stop-task --cluster nestjs-hannibal-3-cluster --task abc" in refused.value.advice[-1]


def test_a_task_that_ecs_has_forgotten_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    world = World(monkeypatch, settings, None)
    world.ended = {"abc"}
    world.look()
    assert world.slept == 0
    world.ended = set()  # nobody saw its end
    world.look()
    assert world.slept == 20.0


def test_a_release_that_has_migrated_keeps_others_out(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Between the end of its migration and CreateDeployment nothing runs that would."""
    world = World(monkeypatch, settings, task())
    with pytest.raises(RefusedError, match="and is about to begin"):
        world.look()
    world.running = (RunningDeployment(deployment_id="d-1", status="InProgress", created=NOW, creator="user"),)
    with pytest.raises(RefusedError, match="another release came first: d-1"):
        world.look()


@pytest.mark.parametrize(
    ("earlier", "begun"),
    [
        (task(exit_code=1), ()),  # it failed
        (task(exit_code=None), ()),  # it never started
        (replace(task(), stop_code="UserInitiated"), ()),  # it was stopped, and ended well
        (task(), ("d-0",)),  # its release has been and gone
        (task(ended=61), ()),  # whoever migrated never released
    ],
)
def test_an_earlier_migration_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, earlier: OneOffTask, begun: tuple[str, ...]
) -> None:
    world = World(monkeypatch, settings, earlier)
    world.begun = begun
    world.look()


@pytest.mark.parametrize("pressed", ["while ECS starts the task", "while it runs", "never"])
def test_ctrl_c_stops_a_migration_whenever_it_comes(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, pressed: str
) -> None:
    run = new_run(purpose="migrate", who="arn:x", command=("migrate",), image="image:1")
    stopped: list[str] = []

    def press(moment: str) -> None:
        if moment == pressed:
            os.kill(os.getpid(), signal.SIGINT)

    def start(*_: object) -> Started:
        press("while ECS starts the task")
        return Started(task=task(stopped=False), run=run)

    def finish(*_: object, **__: object) -> OneOffTask:
        press("while it runs")
        return task()

    monkeypatch.setattr(migration, "record_run", lambda *_: None)
    monkeypatch.setattr(migration, "start_recorded", start)
    monkeypatch.setattr(migration, "finish_run", finish)
    monkeypatch.setattr(migration, "stop_task", lambda _, arn, __: stopped.append(arn))
    aws, revision = aws_of(settings=settings), SimpleNamespace(arn="arn:revision", image="image:0")
    running = SimpleNamespace(deployment_id="d-1", revision=revision)
    cancelled = pytest.raises(CancelledError, match="migration abc is being stopped, and nothing was shifted")

    with nullcontext() if pressed == "never" else cancelled:
        migrate(aws, run, cast("Any", revision), running=cast("Any", running), show=lambda _: None)

    assert stopped == ([] if pressed == "never" else [ARN])


@pytest.mark.usefixtures("with_terminal")
@pytest.mark.parametrize(
    ("number", "ends", "says"),
    [
        (signal.SIGHUP, SystemExit, "129"),
        (signal.SIGTERM, SystemExit, "143"),
        (signal.SIGINT, CancelledError, "abc may"),
    ],
)
def test_a_migration_does_not_outlive_its_command_unseen(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, number: int, ends: type[BaseException], says: str
) -> None:
    """A closed terminal stops it, and a second Ctrl-C while it is being stopped names it."""
    run = new_run(purpose="migrate", who="arn:x", command=("migrate",), image="image:1")
    stopped: list[str] = []

    def finish(*_: object, **__: object) -> None:
        signal.raise_signal(number)

    def stop(_: object, arn: str, __: str) -> None:
        stopped.append(arn)
        if number == signal.SIGINT:
            signal.raise_signal(number)

    monkeypatch.setattr(migration, "record_run", lambda *_: None)
    monkeypatch.setattr(migration, "start_recorded", lambda *_: Started(task=task(stopped=False), run=run))
    monkeypatch.setattr(migration, "finish_run", finish)
    monkeypatch.setattr(migration, "stop_task", stop)
    revision: Any = SimpleNamespace(arn="arn:revision", image="image:0")
    running: Any = SimpleNamespace(deployment_id="d-1", revision=revision)
    with pytest.raises(ends, match=says) as ended:
        migrate(aws_of(settings=settings), run, revision, running=running, show=lambda _: None)
    assert stopped == [ARN]
    stop_command = "aws ecs stop-task --cluster nestjs-hannibal-3-cluster --task abc"
    assert number != signal.SIGINT or stop_command in cast("Any", ended.value).advice[-1]


@pytest.mark.parametrize(
    ("during", "ends", "says"),
    [("start", SystemExit, "129"), ("stop", CancelledError, "abc is being stopped"), ("fail", UnreachableError, None)],
)
def test_a_closed_terminal_stops_a_migration_whenever_it_comes(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, during: str, ends: type[BaseException], says: str | None
) -> None:
    """While ECS starts it, and while it is being stopped after Ctrl-C; where it cannot be stopped, it is named."""
    run = new_run(purpose="migrate", who="arn:x", command=("migrate",), image="image:1")
    done: list[str] = []

    def begin(*_: object) -> Started:
        if during == "start":
            signal.raise_signal(signal.SIGHUP)
        return Started(task=task(stopped=False), run=run)

    def finish(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGHUP if during == "fail" else signal.SIGINT)

    def stop(*_: object) -> None:
        if during == "stop":
            signal.raise_signal(signal.SIGHUP)
        done.append("stopped")
        if during == "fail":
            raise client_error("ExpiredTokenException")

    monkeypatch.setattr(migration, "record_run", lambda *_: None)
    monkeypatch.setattr(migration, "start_recorded", begin)
    monkeypatch.setattr(migration, "finish_run", finish)
    monkeypatch.setattr(migration, "stop_task", stop)
    revision: Any = SimpleNamespace(arn="arn:revision", image="image:0")
    running: Any = SimpleNamespace(deployment_id="d-1", revision=revision)
    before = signal.signal(signal.SIGHUP, signal.default_int_handler)  # a fault is no end of all tests
    try:
        with pytest.raises(ends, match=says) as ended:
            migrate(aws_of(settings=settings), run, revision, running=running, show=lambda _: None)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert done == ["stopped"]
    assert during != "fail" or "--task abc" in str(cast("Any", ended.value).advice)


@pytest.mark.parametrize(("during_request", "during_look"), [(1, 0), (0, 1), (2, 0)])
def test_ctrl_c_beside_an_earlier_migration_starts_none(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, during_request: int, during_look: int
) -> None:
    """RunTask answers that its token was used. The list has the migration of the other release too."""
    requests: list[object] = []

    def press(times: int) -> None:
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)

    def start(*request: object) -> Started:
        requests.append(request)
        press(during_request)
        error = client_error("ConflictException")
        cast("Any", error.response)["resourceIds"] = [ARN]
        raise error

    monkeypatch.setattr(migration, "record_run", lambda *_: None)
    monkeypatch.setattr(migration, "start_recorded", start)
    monkeypatch.setattr(EarlierMigrations, "require_ended", lambda *_: press(during_look))
    run = new_run(purpose="migrate", who="arn:x", command=("migrate",), image="image:1")
    revision = cast("Any", SimpleNamespace(arn="arn:revision", image="image:0"))
    running = cast("Any", SimpleNamespace(deployment_id="d-1", revision=revision))
    with pytest.raises(CancelledError) as interrupted:
        migrate(aws_of(settings=settings), run, revision, running=running, show=lambda _: None)

    assert len(requests) == 1
    listed = "aws ecs list-tasks --cluster nestjs-hannibal-3-cluster --started-by hannibal/migrate"
    assert [listed in line for line in interrupted.value.advice] == ([True] if during_request == 2 else [])


def test_a_migration_that_is_not_watched_any_more_is_named(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Credentials that expire end the command, not the task."""

    def finish(*_: object, **__: object) -> None:
        raise client_error("ExpiredTokenException")

    run = new_run(purpose="migrate", who="arn:x", command=("migrate",), image="image:1")
    monkeypatch.setattr(migration, "record_run", lambda *_: None)
    monkeypatch.setattr(migration, "start_recorded", lambda *_: Started(task=task(stopped=False), run=run))
    monkeypatch.setattr(migration, "finish_run", finish)
    revision: Any = SimpleNamespace(arn="arn:revision", image="image:0")
    running: Any = SimpleNamespace(deployment_id="d-1", revision=revision)
    with pytest.raises(UnreachableError) as ended:
        migrate(aws_of(settings=settings), run, revision, running=running, show=lambda _: None)
    assert "--task abc" in ended.value.advice[-1]
