"""`hannibal frontend`: what a person types and reads."""

from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from ops.cli.app import build
from ops.frontend.publication import Publication
from tests.support.fakes import NOW


def test_however_long_the_notes_are_a_rollback_can_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    who = f"arn:aws:sts::000000000000:assumed-role/role/{'somebody' * 5}"
    ids = [f"20261128T02180329{number}Z-ad6c" for number in range(3)]
    found = [Publication(id=it, published=NOW, published_by=who, note="new page " * 20, files=()) for it in ids]
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("ops.frontend.target.read_target", lambda _: SimpleNamespace(bucket="pages"))
    monkeypatch.setattr("ops.frontend.publication.read_publications", lambda *_: found)
    shown = CliRunner().invoke(build(), ["frontend", "list"])
    assert [it for it in ids if it in shown.stdout] == ids, shown.output
