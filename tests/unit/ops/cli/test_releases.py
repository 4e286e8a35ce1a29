"""`hannibal releases` and `runs` on a terminal of 80 columns: every line fits, and no image is cut into pieces."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from ops.cli.commands import releases, runs
from ops.cli.console.screen import Console
from ops.release.history import History, PastRelease, Record
from ops.service.one_off_record import new_run

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
IMAGE = f"123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/nestjs-hannibal-3@sha256:{'0123456789ab' * 6}"[:-8]
SHORT = "nestjs-hannibal-3@0123456789ab"


def _printed(width: int) -> tuple[Console, StringIO]:
    stream = StringIO()
    return Console(file=stream, width=width, force_terminal=False, highlight=False), stream


def _history() -> History:
    past = PastRelease(
        deployment_id="d-1KFMVXJZG",
        image=IMAGE,
        revision="nestjs-hannibal-3-api-task:12",
        like="nestjs-hannibal-3-api-task:11",
        replaced="",
        mode="bluegreen",
        result="RolledBack",
        created=NOW - timedelta(minutes=41),
        duration=timedelta(minutes=2, seconds=31),
        who="arn:aws:sts::123456789012:assumed-role/HannibalCICDRole-Dev/GitHubActions",
        reason="",
        rolls_back="",
    )
    record = Record(image=IMAGE, version=2, since=NOW, who=past.who)
    return History(deployments=(past,), records=(record,))


def test_a_narrow_terminal_gets_image_and_person_below_the_table() -> None:
    console, stream = _printed(80)
    releases._show(console, _history(), NOW)
    lines = stream.getvalue().splitlines()
    assert lines[3].startswith("The record, over all months")
    assert lines[1].startswith("d-1KFMVXJZG")
    assert lines[2] == f"d-1KFMVXJZG: {SHORT}, by assumed-role/HannibalCICDRole-Dev/GitHubActions"


def test_the_whole_image_of_a_release_stands_in_the_record_or_below_the_table() -> None:
    """One that failed is in no record."""
    console, stream = _printed(80)
    releases._show(console, replace(_history(), records=()), NOW)
    assert f"d-1KFMVXJZG: {IMAGE}, by assumed-role/" in stream.getvalue().replace("\n", "")


def test_what_is_not_known_of_a_release_is_left_out() -> None:
    console, stream = _printed(80)
    (past,) = _history().deployments
    unknown = replace(past, image="", who="")
    releases._show(console, History(deployments=(unknown, replace(unknown, reason="it fell")), records=()), NOW)
    assert stream.getvalue().splitlines()[3:] == ["d-1KFMVXJZG: it fell"]


def test_a_wide_one_gets_the_whole_image_in_its_row() -> None:
    console, stream = _printed(280)
    releases._show(console, _history(), NOW)
    assert IMAGE in stream.getvalue().splitlines()[1]


@pytest.mark.parametrize(("width", "image"), [(100, SHORT), (280, IMAGE)])
def test_a_run_has_an_image_with_a_short_digest_where_there_is_no_room(width: int, image: str) -> None:
    console, stream = _printed(width)
    record = new_run(purpose="run", who="arn:aws:iam::123456789012:user/a", command=("true",), image=IMAGE)
    runs._show_runs(console, (record,), record.time)
    assert image in stream.getvalue()
