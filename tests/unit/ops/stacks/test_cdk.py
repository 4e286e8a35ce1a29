import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from ops.errors import FailedError, UnusableInputError
from ops.stacks import cdk
from ops.stacks.checkout import Checkout
from ops.stacks.full_disk import require_space
from tests.support.fakes import NOW
from tests.support.waiting import wait_for

Make = Callable[[str], Checkout]


def is_alive(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        # A child that has ended but was not waited for by its parent still has an id.
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    return False


def test_output_of_both_streams_goes_to_the_log_without_colours(project: Make) -> None:
    made = project(r"printf '\033[31mred\033[0m\n\n'; echo $1 $2 >&2; pwd; exit 3")
    log = cdk.log_file(made, "start", NOW)
    with cdk.CdkRun(made, ("deploy", "--all"), log) as run:
        wait_for(lambda: run.exit_code() is not None)
        assert run.exit_code() == 3
    assert log.name == "start-20261124T120000.log"
    assert run.log.tail() == ("red", "deploy --all", str(made.root))
    assert run.log.tail(lines=1) == (str(made.root),)


def test_leaving_the_block_ends_the_child_and_what_it_started(project: Make) -> None:
    made = project("sleep 60 & echo $! > grandchild; echo $$ > child; wait")
    with cdk.CdkRun(made, ("deploy",), cdk.log_file(made, "start", NOW)):
        wait_for(lambda: (made.root / "child").exists() and (made.root / "child").read_text() != "")
    for file in ("child", "grandchild"):
        process = int((made.root / file).read_text())
        wait_for(lambda process=process: not is_alive(process))  # type: ignore[misc]


def test_commands_are_what_a_person_would_type() -> None:
    line = cdk.command_line(cdk.deploy_arguments("dev", Path("out.json")))
    assert line.startswith("npx cdk deploy --all -c env=dev --require-approval never")
    assert line.endswith("--outputs-file out.json")
    blanks = cdk.command_line(cdk.deploy_arguments("dev", Path("/home/me/my clone/out.json")))
    assert blanks.endswith("--outputs-file '/home/me/my clone/out.json'")
    reviewed = cdk.command_line(cdk.deploy_arguments("dev", Path("out.json"), Path("cdk.out")))
    assert reviewed.startswith("npx cdk deploy --all --app cdk.out --require-approval never")
    destroy = cdk.command_line(cdk.destroy_arguments("prod", ("StorageStack", "ComputeStack")))
    assert destroy == "npx cdk destroy StorageStack ComputeStack -c env=prod --force"
    assert cdk.command_line(cdk.bootstrap_arguments("1", "r")) == "npx cdk bootstrap --app '' aws://1/r"


def test_a_checkout_without_its_tools_says_what_to_do(tmp_path: Path, project: Make) -> None:
    with pytest.raises(UnusableInputError, match=r"no cdk\.json"):
        Checkout(root=tmp_path).require_tools()
    (tmp_path / "cdk.json").write_text("{}")
    with pytest.raises(UnusableInputError) as error:
        Checkout(root=tmp_path).require_tools()
    assert "npm ci" in error.value.advice[0]
    project("exit 0").require_tools()


def test_a_synthesis_fills_the_folder_and_leaves_no_log(project: Make, tmp_path: Path) -> None:
    made = project('mkdir "$6"; echo "$@" > "$6/manifest.json"')
    folder = tmp_path / "scratch"
    cdk.synth(made, "prod", folder)
    assert (folder / "manifest.json").read_text() == f"synth --quiet -c env=prod --output {folder}\n"
    assert not list(tmp_path.glob("*.log"))


def test_a_synthesis_that_fails_keeps_the_cdks_words(project: Make, tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="could not synthesize") as error:
        cdk.synth(project("echo what it says; exit 1"), "dev", tmp_path / "scratch")
    assert "what it says" in error.value.advice


@pytest.mark.parametrize(
    "said",
    [
        "OSError: [Errno 28] No space left on device: '/tmp/jsii-1/package.json'",
        "Error: ENOSPC: no space left on device, write",
        "OSError: [Errno 122] Disk quota exceeded",
    ],
)
def test_a_full_disk_is_said_in_place_of_a_traceback(project: Make, tmp_path: Path, said: str) -> None:
    made = project(f'echo "{said}" >&2; echo "AttributeError: no attribute _process"; exit 1')
    with pytest.raises(FailedError, match="no space left") as error:
        cdk.synth(made, "dev", tmp_path / "scratch")
    assert "df -h" in error.value.advice[0]
    assert "AttributeError" not in str(error.value.advice)


def test_a_full_disk_is_seen_where_nothing_could_be_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log lies on the same disk, and is cut off."""
    require_space("", tmp_path / "not" / "there")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(FailedError, match=re.escape(str(tmp_path))):
        require_space("AttributeError: no attribute _process", tmp_path)


def test_a_synthesis_that_writes_nothing_has_failed(project: Make, tmp_path: Path) -> None:
    """So does the CDK where CDK_APP is a folder of templates."""
    with pytest.raises(FailedError, match="synthesized nothing") as error:
        cdk.synth(project("exit 0"), "dev", tmp_path / "scratch")
    assert "--assembly" in error.value.advice[0]


def test_a_run_whose_holder_cannot_be_written_down_is_watched_all_the_same(
    project: Callable[[str], Checkout], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk it would go on unseen, while the command says that it ended."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cdk, "write_holder", full)
    with cdk.CdkRun(project("exit 7"), (), tmp_path / "log", lock=tmp_path / "lock") as run:
        assert run.wait() == 7
