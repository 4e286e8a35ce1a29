"""What a container prints controls no terminal."""

from datetime import UTC, datetime

import pytest

from ops.cli.commands import run_
from ops.service.logs import LogLine
from tests.support.hostile_texts import TERMINAL


@pytest.mark.parametrize("json", [False, True])
@pytest.mark.parametrize("text", TERMINAL)
def test_what_a_run_prints_controls_no_terminal(text: str, json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    run_._print(LogLine(time=datetime.now(UTC), task_id="x", message=text), json=json)

    out, err = capsys.readouterr()
    assert not [it for it in out + err if not it.isprintable() and it != "\n"]
    assert (out == "") is json
    assert (err == "") is not json
