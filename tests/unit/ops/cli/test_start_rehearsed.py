"""`hannibal start` against an embedded AWS that replays typical durations."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.errors import ExitCode
from ops.month.preflight import preflighted
from ops.month.start_time import Rehearsal
from ops.templates.assembly import read_assembly
from tests.support.fakes import FINAL, FakeAccount
from tests.unit.ops.cli.conftest import Run


@pytest.fixture
def start(
    run: Run, account: FakeAccount, assembly: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[str, str]]:
    """Runs the whole command, with what the server says of each stack given in seconds."""
    account.add_snapshot(f"{FINAL}1")
    monkeypatch.setattr("ops.month.preflight.preflighted", preflighted)

    def invoke(*arguments: str, each: float | None) -> tuple[str, str]:
        stacks = dict.fromkeys(read_assembly(assembly("dev")).stacks, each or 0.0)
        replayed = Rehearsal(replayed=each is not None, stacks=stacks)
        monkeypatch.setattr("ops.month.start_time.read_rehearsal", lambda _: replayed)
        result = run("start", "--yes", "--assembly", str(assembly("dev")), *arguments)
        assert result.exit_code == 0, result.output
        return result.stdout, result.stderr

    return invoke


def test_a_start_ends_with_the_replayed_time_beside_the_planned_one(start: Callable[..., tuple[str, str]]) -> None:
    """Stack by stack along the dependencies: Identity, Artifact, Network, Storage, Compute, Edge."""
    printed, _ = start(each=120.0)
    assert "Takes about 21 min; StorageStack/Database/Instance decides most of it." in printed
    said = re.search(r"Rehearsal: on AWS this start takes (\S+) by typical durations .* the plan said (\S+)\.", printed)
    assert said
    assert said.groups() == ("12:00", said[2])
    assert said[2].startswith(("20:", "21:"))


def test_a_script_reads_the_same_seconds(start: Callable[..., tuple[str, str]]) -> None:
    document, _ = start("--json", each=120.0)
    assert json.loads(document)["rehearsed_seconds"] == 720


def test_without_a_replay_no_replayed_time_is_shown(start: Callable[..., tuple[str, str]]) -> None:
    printed, _ = start(each=None)
    assert "Rehearsal" not in printed


def test_templates_that_cannot_be_used_are_refused_before_the_plan_is_shown(run: Run, tmp_path: Path) -> None:
    result = run("start", "--yes", "--assembly", str(tmp_path))
    assert (result.exit_code, result.stdout) == (ExitCode.UNUSABLE_INPUT, ""), result.output
    assert f"{tmp_path}/manifest.json is missing" in result.stderr
