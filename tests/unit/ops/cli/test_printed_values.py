"""What a container prints controls no terminal, and what a secret holds runs nothing where it is pasted."""

import shlex
import threading
from datetime import UTC, datetime

import pytest

from ops.cli.commands import database, runs
from ops.service.database_connection import Connection
from ops.service.logs import LogLine
from tests.support.hostile_texts import TERMINAL


@pytest.mark.parametrize("json", [False, True])
@pytest.mark.parametrize("text", TERMINAL)
def test_what_a_run_prints_controls_no_terminal(text: str, json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    runs._print(LogLine(time=datetime.now(UTC), task_id="x", message=text), json=json)

    out, err = capsys.readouterr()
    assert not [it for it in out + err if not it.isprintable() and it != "\n"]
    assert (out == "") is json
    assert (err == "") is not json


def test_the_variables_of_a_connection_are_quoted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading.Event, "wait", lambda *_: None)
    name = "x$(touch /tmp/pwned);'"

    database._hold_open(Connection(host="h", port=5432, database=name, user="u", password="p"))

    lines = capsys.readouterr().out.splitlines()
    assert shlex.split(next(it for it in lines if "PGDATABASE" in it)) == ["export", f"PGDATABASE={name}"]
    assert f"export PGDATABASE={name}" not in lines
