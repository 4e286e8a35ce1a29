"""`hannibal frontend`: what a person types and reads."""

import inspect
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli.app import build
from ops.cli.commands import frontend
from ops.errors import RefusedError
from ops.frontend.publication import Publication
from tests.support.aws import aws_of
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


def test_a_distribution_that_was_deleted_by_hand_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = type("NoSuchDistribution", (Exception,), {})

    def invalidate(*_: object) -> None:
        raise missing

    aws = aws_of(cloudfront=SimpleNamespace(exceptions=SimpleNamespace(NoSuchDistribution=missing)))
    monkeypatch.setattr("ops.frontend.invalidation.find_distribution", lambda _: "E1")
    monkeypatch.setattr("ops.frontend.invalidation.invalidate", invalidate)
    session: Any = SimpleNamespace(aws=aws, checked_caller=lambda: None)
    with pytest.raises(RefusedError, match="there is no distribution E1") as refused:
        inspect.unwrap(frontend.invalidate)(session)
    assert "`hannibal doctor stack`" in refused.value.advice[0]
