"""`hannibal releases` and `runs` on a terminal of 80 columns: every line fits, and no image is cut into pieces."""

from datetime import UTC, datetime, timedelta
from io import StringIO

from ops.cli.commands import releases, runs
from ops.cli.console.screen import Console
from ops.release.history import History, PastRelease
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
    return History(deployments=(past,), records=())


def test_a_narrow_terminal_gets_image_and_person_below_the_table() -> None:
    console, stream = _printed(80)
    releases._show(console, _history(), NOW)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("d-1KFMVXJZG")
    assert lines[2] == f"d-1KFMVXJZG: {SHORT}, by assumed-role/HannibalCICDRole-Dev/GitHubActions"


def test_a_wide_one_gets_the_whole_image_in_its_row() -> None:
    console, stream = _printed(280)
    releases._show(console, _history(), NOW)
    assert IMAGE in stream.getvalue().splitlines()[1]


def test_a_run_has_an_image_with_a_short_digest() -> None:
    console, stream = _printed(100)
    record = new_run(purpose="run", who="arn:aws:iam::123456789012:user/a", command=("true",), image=IMAGE)
    runs._show_runs(console, (record,), record.time)
    assert SHORT in stream.getvalue()
