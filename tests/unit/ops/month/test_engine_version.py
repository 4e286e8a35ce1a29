"""A version that RDS refuses is refused before the month starts, and one that it will withdraw is told months ahead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from installation.settings import Settings
from ops.month.engine_version import (
    OfferedVersions,
    engine_version_refusals,
    read_offered,
    upcoming_version_changes,
    version_key,
)
from ops.month.snapshots import Snapshot
from tests.conftest import ROOT
from tests.support.fake_clients import client_error
from tests.support.fakes import FakeAccount
from tests.support.synthesis import changed

NOW = datetime(2026, 11, 25, tzinfo=UTC)
OFFERED = OfferedVersions(versions=("17.6", "17.11", "18.3", "18.4", "18.10"), ends=NOW + timedelta(days=900))


def snapshot(version: str) -> Snapshot:
    return Snapshot(
        name="final",
        created=NOW,
        status="available",
        progress_percent=100,
        size_gib=20,
        engine_version=version,
        final=True,
    )


@pytest.mark.parametrize(
    ("wanted", "of_snapshot", "told"),
    [
        ("18.3", None, ()),
        ("18.3", "18.3", ()),
        ("18.10", "18.4", ()),
        ("18.4", "18.2", ()),
        ("18.3", "", ()),
        ("18.4", "18.10", ("RDS lowers no version", 'Write `engine_version: "18.10"`', "config/dev.yaml")),
        ("18.3", "18.9", ("RDS lowers no version", 'Write `engine_version: "18.10"`')),
        ("18.3", "17.6", ("no other major version", 'Write `engine_version: "17.6"`, or upgrade a copy of the')),
        ("17.6", "18.3", ("no other major version", 'Write `engine_version: "18.3"`')),
        ("18.2", None, ("RDS offers no PostgreSQL 18.2", "18.3, 18.4, 18.10", 'Write `engine_version: "18.10"`')),
        ("18.2", "18.2", ("RDS offers no PostgreSQL 18.2", 'Write `engine_version: "18.10"`')),
        ("19.1", None, ("RDS offers no PostgreSQL 19.1", "none of this major version")),
    ],
)
def test_a_version_that_rds_would_refuse_is_reported_with_the_line_to_write(
    settings: Settings, wanted: str, of_snapshot: str | None, told: tuple[str, ...]
) -> None:
    wanting = changed(settings, database={"engine_version": wanted})
    found = tuple(
        engine_version_refusals(wanting, OFFERED, None if of_snapshot is None else snapshot(of_snapshot), NOW)
    )
    assert len(found) == bool(told)
    assert all(words in found[0] for words in told)


@pytest.mark.parametrize(
    ("versions", "days", "told"),
    [
        (("18.3", "18.4", "18.5"), 900, ()),
        (("18.3", "18.4", "18.5", "18.6"), 900, ("to 18.6 between two months",)),
        (("18.3",), 100, ("the standard support of PostgreSQL 18 ends on 2027-03-05, and RDS then upgrades",)),
        (("18.3",), -30, ("the standard support of PostgreSQL 18 ended on 2026-10-26, and RDS upgrades",)),
    ],
)
def test_a_version_that_will_be_withdrawn_is_reported_months_ahead(
    settings: Settings, versions: tuple[str, ...], days: int, told: tuple[str, ...]
) -> None:
    found = tuple(
        upcoming_version_changes(settings, OfferedVersions(versions=versions, ends=NOW + timedelta(days=days)), NOW)
    )
    assert len(found) == len(told)
    assert all(words in one for words, one in zip(told, found, strict=True))


@pytest.mark.parametrize("of_snapshot", [None, snapshot("18.3")])
def test_a_major_version_past_its_end_is_refused(settings: Settings, of_snapshot: Snapshot | None) -> None:
    """Without Extended Support RDS upgrades it as it restores, and CloudFormation asks for the version of before."""
    past = replace(OFFERED, ends=NOW)
    (refusal,) = engine_version_refusals(settings, past, of_snapshot, NOW)
    assert "the standard support of PostgreSQL 18" in refusal
    assert "ended on 2026-11-25" in refusal


def test_the_way_to_another_major_version_is_where_the_message_says(settings: Settings) -> None:
    (note,) = upcoming_version_changes(settings, OfferedVersions(versions=("18.3",), ends=NOW + timedelta(days=1)), NOW)
    document, chapter = note.rpartition("(")[2].rstrip(")").split(", ")
    assert f"### {chapter}\n" in (ROOT / document).read_text(encoding="utf-8")


def test_versions_compare_by_number() -> None:
    assert sorted(("18.10", "17.6", "18.9"), key=version_key) == ["17.6", "18.9", "18.10"]


def test_without_the_permission_versions_are_unknown(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = account.aws()
    found = read_offered(aws, "18.3")
    assert found is not None
    assert found.versions == ("17.6", "18.3", "18.4")

    def denied(*_: object, **__: object) -> object:
        raise client_error("AccessDenied")

    monkeypatch.setattr("tests.support.fakes.FakeRds.describe_db_major_engine_versions", denied)
    assert read_offered(aws, "18.3") is None
