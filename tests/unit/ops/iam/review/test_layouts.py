"""Files as people have them: other layouts, other encodings, links, records that stand twice, files of any size."""

import gzip
import json
import tracemalloc
import uuid
from pathlib import Path
from typing import Any

import pytest

from ops.iam.review import layouts
from ops.iam.review.files import Reading, find_files, lines
from ops.iam.review.logs import read_logs
from tests.support.trail_events import ROLE, event, usage_of, write

ONE = event("DescribeVpcs")


def _calls(folder: Path) -> tuple[int, dict[str, tuple[str, bool]]]:
    rows, problems, _ = read_logs(folder, ROLE)
    told = {Path(one.file).name: (one.reason, one.serious) for one in problems}
    return sum(row.calls for row in rows if row.of_role), told


def test_the_answer_of_lookup_events_is_read(tmp_path: Path) -> None:
    answer = {"Events": [{"EventName": "DescribeVpcs", "CloudTrailEvent": json.dumps(ONE)}] * 3, "NextToken": "x"}
    (tmp_path / "a.json").write_text(json.dumps(answer, indent=4))
    (tmp_path / "b.json").write_text(json.dumps({"NextToken": "x", **answer}))
    assert _calls(tmp_path) == (6, {})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("compressed", [True, False])
def test_what_powershell_writes_is_read(tmp_path: Path, encoding: str, compressed: bool) -> None:
    data = json.dumps({"Records": [ONE, ONE]}).encode(encoding)
    (tmp_path / "a.json").write_bytes(gzip.compress(data) if compressed else data)
    assert _calls(tmp_path) == (2, {})


def test_links_are_followed_and_nothing_is_read_twice(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    write(tmp_path / "there", ONE)
    here = tmp_path / "here"
    here.mkdir()
    (here / "link").symlink_to(tmp_path / "there")
    (here / "again").symlink_to(tmp_path / "there")
    (here / "back").symlink_to(here)
    (here / "file.json.gz").symlink_to(tmp_path / "there" / "log.json.gz")
    assert len(find_files(here)) == 1
    assert _calls(here) == (1, {})


def test_a_link_to_a_parent_hides_no_other_folder(tmp_path: Path) -> None:
    """What those files use would be missing in the proposed policy."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, ONE)
        (tmp_path / name / "back").symlink_to(tmp_path)
    assert len(find_files(tmp_path)) == 2


def test_an_event_counts_once_whatever_files_it_stands_in(tmp_path: Path) -> None:
    numbered = [event("DescribeVpcs", eventID=f"id-{number}") for number in range(3)]
    write(tmp_path, *numbered, name="a.json.gz")
    write(tmp_path, *numbered, event("DescribeVpcs", eventID="id-9"), name="b.json.gz")
    assert _calls(tmp_path) == (4, {})


def test_a_record_without_a_time_costs_itself_only(tmp_path: Path) -> None:
    write(tmp_path, ONE, ONE | {"eventTime": None}, ONE | {"eventName": 7}, "text", ONE)  # type: ignore[arg-type]
    found, problems = _calls(tmp_path)
    assert found == 2
    ((reason, serious),) = problems.values()
    assert not serious
    assert "the others were read" in reason


@pytest.mark.parametrize("time", ["20261110T123456Z", "2026-W46-2T12:34:56Z", "2026-11-11T05:34:56,5+09:00"])
def test_a_time_in_another_form_is_read(tmp_path: Path, time: str) -> None:
    rows, problems, _ = read_logs(write(tmp_path, ONE | {"eventTime": time}), ROLE)
    assert ([row.event_day for row in rows], problems) == (["2026-11-10"], ())


def test_insights_are_no_calls_and_no_problem(tmp_path: Path) -> None:
    told = {"eventTime": "2026-11-10T12:34:56Z", "eventType": "AwsCloudTrailInsight"} | {
        "insightDetails": {"eventName": "RunInstances", "state": "Start"}
    }
    write(tmp_path, ONE)
    write(tmp_path, told, name="insight.json.gz")
    assert _calls(tmp_path) == (1, {"insight.json.gz": ("it holds no CloudTrail events", False)})


def test_a_stray_file_costs_itself_only(tmp_path: Path) -> None:
    write(tmp_path, ONE)
    (tmp_path / "README.md").write_text("# copied on Monday")
    (tmp_path / "package.json").write_text('{"name": "x"}')
    found, problems = _calls(tmp_path)
    assert found == 1
    assert {serious for _, serious in problems.values()} == {False}


@pytest.mark.parametrize("indent", [None, 1])
def test_a_large_file_is_read_event_by_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, indent: int | None
) -> None:
    monkeypatch.setattr(layouts, "_SMALL", 1 << 16)
    monkeypatch.setattr(layouts, "_CHUNK", 1 << 16)
    monkeypatch.setattr(layouts, "LARGEST_EVENT", 1 << 15)
    many = [event("DescribeVpcs", eventID=f"{number}", errorMessage="é}]{[," * 300) for number in range(4_000)]
    (tmp_path / "large.json").write_text(json.dumps({"Records": many}, indent=indent, ensure_ascii=False))
    size = (tmp_path / "large.json").stat().st_size
    tracemalloc.start()
    found = sum(1 for _ in lines(tmp_path / "large.json", Reading()))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == 4_000
    assert most < size / 4, f"{most:,} bytes for a file of {size:,}"


def test_a_large_file_that_is_cut_off_gives_what_stands_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "_SMALL", 1 << 12)
    text = json.dumps({"Records": [ONE] * 100})
    (tmp_path / "cut.json").write_text(text[:-300])
    found, problems = _calls(tmp_path)
    assert 90 < found < 100
    assert problems["cut.json"][1]


@pytest.mark.parametrize("smallest", [1 << 12, 8 << 20])
@pytest.mark.parametrize("between", ["", "\n", ",\n"])
def test_files_that_were_put_together_are_read_to_their_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, smallest: int, between: str
) -> None:
    """As `zcat *.json.gz > all.json` does; a compressed file may also have several parts."""
    monkeypatch.setattr(layouts, "_SMALL", smallest)
    lookup = {"Events": [{"CloudTrailEvent": json.dumps(ONE)}] * 2, "NextToken": "a=", "Count": 2}
    files: list[Any] = [{"Records": [ONE] * 30}, {"Records": []}, [ONE] * 3, lookup, ONE, {"Records": [ONE]}]
    parts = [json.dumps(file) for file in files]
    (tmp_path / "all.json").write_text(between.join(parts))
    (tmp_path / "all.json.gz").write_bytes(b"".join(gzip.compress(part.encode()) for part in parts))
    assert _calls(tmp_path) == (2 * 37, {})


def test_a_damaged_record_costs_what_follows_it_in_its_file(tmp_path: Path) -> None:
    text = json.dumps({"Records": [ONE] * 5})
    (tmp_path / "bad.json").write_text(text[:-10] + "\x00" + text[-10:])
    (tmp_path / "good.json").write_text(text)
    found, problems = _calls(tmp_path)
    assert found == 9
    assert problems["bad.json"][1]


def test_a_record_with_half_a_character_costs_itself_only(tmp_path: Path) -> None:
    half = ONE | {"requestParameters": {"bucketName": "HALF"}, "eventSource": "s3.amazonaws.com"}
    text = json.dumps({"Records": [half, ONE]}).replace("HALF", "\\ud800")
    (tmp_path / "half.json").write_text(text)
    found, problems = _calls(tmp_path)
    assert found == 1
    assert problems == {"half.json": ("1 records hold halves of characters, the others were read", False)}


def test_a_time_that_cannot_be_is_no_time(tmp_path: Path) -> None:
    """Else a single slip would be the last day of the window, and every other event outside of it."""
    write(tmp_path, ONE, *(ONE | {"eventTime": f"{year}-01-01T00:00:00Z"} for year in ("0001", "9999")))
    found, problems = _calls(tmp_path)
    assert found == 1
    assert "2 records have no" in problems["log.json.gz"][0]


@pytest.mark.parametrize(("missing", "least"), [(8, 400), (2_000, 100)])
def test_a_compressed_file_that_is_cut_off_gives_what_stands_before(tmp_path: Path, missing: int, least: int) -> None:
    events = [event("DescribeVpcs", eventID=str(uuid.UUID(int=number * 7919**9))) for number in range(400)]
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(json.dumps({"Records": events}).encode())[:-missing])
    found, problems = _calls(tmp_path)
    assert least <= found <= 400
    assert problems == {"cut.json.gz": ("the compressed file is cut off", True)}


@pytest.mark.parametrize("damage", [b"\0\0\0garbage", b"\x1f\x8b\x08\0"])
def test_what_stands_behind_a_compressed_file_costs_nothing_before(tmp_path: Path, damage: bytes) -> None:
    content = gzip.compress(
        json.dumps({"Records": [event("DescribeVpcs", eventID=str(it)) for it in range(9)]}).encode()
    )
    (tmp_path / "log.json.gz").write_bytes(content + damage)
    events, problems = _calls(tmp_path)
    assert events == 9
    assert problems["log.json.gz"][1]


@pytest.mark.parametrize("at", [-8, -20])
def test_a_compressed_file_with_a_wrong_byte_gives_what_stands_before(tmp_path: Path, at: int) -> None:
    records = [event("DescribeVpcs", eventID=f"{it * 7919:x}") for it in range(5_000)]
    content = bytearray(gzip.compress(json.dumps({"Records": records}).encode()))
    content[at] ^= 0xFF
    (tmp_path / "log.json.gz").write_bytes(content)
    events, problems = _calls(tmp_path)
    assert events > 3_000
    assert problems["log.json.gz"][1]


@pytest.mark.parametrize(
    "wrapped",
    [
        {"detail-type": "AWS API Call via CloudTrail", "detail": ONE},
        {"messageType": "DATA_MESSAGE", "logEvents": [{"message": json.dumps(ONE)}]},
        {name.lower(): value for name, value in ONE.items()},
    ],
)
def test_events_in_another_layout_are_not_left_out_in_silence(tmp_path: Path, wrapped: dict[str, Any]) -> None:
    write(tmp_path, ONE)
    (tmp_path / "other.json").write_text(json.dumps([wrapped, {"Description": "$.eventName = x"}]))
    found, problems = _calls(tmp_path)
    assert found == 1
    assert problems["other.json"][0].startswith("1 records hold events in a layout")
    assert problems["other.json"][1]
    (tmp_path / "other.json").write_text(f"2026-11-10T12:34:56Z {json.dumps(wrapped)}")
    assert _calls(tmp_path) == (1, {"other.json": ("it holds no CloudTrail events", True)})


def test_events_outside_of_the_window_are_told(tmp_path: Path) -> None:
    usage = usage_of(tmp_path, event("DescribeVpcs", day=1), event("DescribeVpcs", day=20), days=5)
    assert (usage.coverage.role_events, usage.coverage.outside) == (1, 1)


@pytest.mark.parametrize("call", [("GetRoleCredentials", "sso"), ("GetCallerIdentity", "sts")])
def test_a_call_that_no_policy_decides_is_told_as_that(tmp_path: Path, call: tuple[str, str]) -> None:
    """STS answers GetCallerIdentity to everybody, so no policy that lacks it refuses it."""
    (found,) = usage_of(tmp_path, event(*call)).unmapped
    assert "a token" in found.reason
