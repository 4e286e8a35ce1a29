"""Ctrl-C while a release is watched."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
import typer

from ops.cli.console import release_watch as watching
from ops.cli.console.screen import Console
from ops.cli.session import Session
from ops.errors import CancelledError


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(watching, "stop_deployment", lambda _, identifier: found.append(identifier))
    return found


def watch(monkeypatch: pytest.MonkeyPatch, answer: str | None, *, terminal: bool = True, json: bool = False) -> Any:
    """A person who presses Ctrl-C once and answers, or presses it again."""
    presses = iter([KeyboardInterrupt()])

    def watched(*_: Any, **__: Any) -> str:
        for press in presses:
            raise press
        return "the end"

    def prompt(*_: Any, **__: Any) -> str:
        if answer is None:
            raise typer.Abort
        return answer

    monkeypatch.setattr(watching, "watch", watched)
    monkeypatch.setattr("ops.cli.console.release_watch.typer.prompt", prompt)
    monkeypatch.setattr("ops.cli.console.release_watch.sys.stdin", SimpleNamespace(isatty=lambda: terminal))
    aws = cast("Any", SimpleNamespace(codedeploy=None, endpoint=None))
    session = Session(aws=aws, console=Console(), json=json, dry_run=False, yes=False)
    return watching.watch_release(session, "d-1")


def test_watching_goes_on_where_nothing_else_is_chosen(monkeypatch: pytest.MonkeyPatch, stopped: list[str]) -> None:
    assert watch(monkeypatch, "w") == "the end"
    assert stopped == []


def test_stopping_is_watched_to_its_end(monkeypatch: pytest.MonkeyPatch, stopped: list[str]) -> None:
    assert watch(monkeypatch, "stop") == "the end"
    assert stopped == ["d-1"]


@pytest.mark.parametrize(
    ("answer", "terminal", "json"), [("l", True, False), (None, True, False), ("s", False, False), ("s", True, True)]
)
def test_left_running_it_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, stopped: list[str], answer: str | None, terminal: bool, json: bool
) -> None:
    with pytest.raises(CancelledError) as left:
        watch(monkeypatch, answer, terminal=terminal, json=json)
    assert stopped == []
    assert any("hannibal release --wait" in advice for advice in left.value.advice)
