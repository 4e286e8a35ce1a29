"""How a command ends that cannot go on: a refusal, Ctrl-C, a connection that breaks."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from ops.cli.console import screen
from ops.errors import CancelledError, ExitCode
from tests.support.fakes import FakeAccount
from tests.unit.ops.cli.conftest import Run


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_restore_that_is_refused_shows_no_steps(run: Run, more: tuple[str, ...]) -> None:
    result = run("restore", "--to", "2026-11-26T08:30Z", *more)
    assert result.exit_code == ExitCode.REFUSED
    assert "no month is running" in result.stderr
    assert "rename" not in result.stdout


def test_the_dry_run_of_a_trial_says_what_is_tried(run: Run, account: FakeAccount) -> None:
    account.database = {"DBInstanceIdentifier": "nestjs-hannibal-3-db", "DBInstanceStatus": "available"}
    account.add_snapshot("nestjs-hannibal-3-db-by-hand-20261126-090000")
    result = run("snapshots", "try", "--dry-run")
    assert result.exit_code == ExitCode.DONE
    assert "nestjs-hannibal-3-db-by-hand-20261126-090000 into nestjs-hannibal-3-db-trial" in result.stdout
    assert "database.restore_check names no command" in result.stdout


def test_a_question_leaves_standard_output_to_the_document(run: Run, account: FakeAccount) -> None:
    """Click writes a space there, for the sake of readline."""
    account.database = {"DBInstanceStatus": "available"}
    result = run("snapshots", "take", "--json", text="n\n")
    assert (result.exit_code, result.stdout) == (ExitCode.REFUSED, "")


def test_a_question_that_nobody_answers_ends_its_line(run: Run, account: FakeAccount) -> None:
    account.database = {"DBInstanceStatus": "available"}
    result = run("snapshots", "take")
    assert result.exit_code == ExitCode.REFUSED
    assert "Take it? [y/N]:\nerror: not confirmed, and there is no terminal to ask" in result.stderr.replace(
        ": \n", ":\n"
    )


@pytest.mark.parametrize("ask", [screen.confirm, screen.confirm_typed])
def test_ctrl_c_at_a_question_is_no_absence(monkeypatch: pytest.MonkeyPatch, ask: Callable[..., None]) -> None:
    """`--yes` is no advice for a person, and the next question of `doctor --fix` is not asked."""

    def interrupted(_question: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("typer._click.termui.visible_prompt_func", interrupted)
    with pytest.raises(CancelledError, match="interrupted at the question, which counts as no"):
        ask("Delete it?", yes=False)


@pytest.mark.parametrize(
    ("database", "said"),
    [({"DBInstanceStatus": "available"}, "data is kept in a final snapshot"), (None, "no final snapshot is made")],
)
def test_a_stop_promises_no_snapshot_of_a_database_that_is_gone(
    run: Run, account: FakeAccount, database: Any, said: str
) -> None:
    account.add_month()
    account.database = database
    assert said in run("stop", "--dry-run").stdout


def test_a_refused_stop_promises_no_snapshot_above_its_refusal(run: Run, account: FakeAccount) -> None:
    account.add_month()
    account.database = {"DBInstanceStatus": "failed"}
    result = run("stop", "--dry-run")
    assert (result.exit_code, "Kept: IdentityStack" in result.stdout) == (ExitCode.REFUSED, True)
    assert "RDS makes no final snapshot of it" in result.stderr
    assert "final snapshot" not in result.stdout


def test_what_would_write_the_record_is_no_dry_run(run: Run) -> None:
    result = run("release", "--wait", "--dry-run")
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert "--wait has no dry run" in result.stderr


@pytest.mark.parametrize("command", [(), ("--",), ("--", ""), ("--", " ", "x")])
def test_a_command_that_is_none_is_not_run(run: Run, command: tuple[str, ...]) -> None:
    result = run("run", *command)
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert "no command is given" in result.stderr


@pytest.mark.parametrize("arguments", [("status",), ("snapshots", "list"), ("snapshots", "take", "--yes"), ("pause",)])
def test_ctrl_c_is_one_line_and_its_own_exit_code(run: Run, account: FakeAccount, arguments: tuple[str, ...]) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    account.aws = interrupted  # type: ignore[method-assign]
    result = run(*arguments)
    assert result.exit_code == ExitCode.CANCELLED
    assert result.stderr.splitlines() == [
        "error: interrupted",
        "  The same command may be run again: it continues.",
    ]


def test_a_start_that_loses_aws_says_how_to_go_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any, **__: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="https://cloudformation")

    monkeypatch.setattr("ops.month.start.start", gone)
    result = run("start", "--yes")
    assert result.exit_code == ExitCode.UNREACHABLE
    assert "What CloudFormation has begun goes on by itself." in result.stderr
    assert "Go on: `hannibal start --env dev` may be run again at any time" in result.stderr
