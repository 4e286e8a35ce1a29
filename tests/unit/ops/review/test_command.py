"""`hannibal review` as a workflow calls it: exit codes, formats, files."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli.app import build
from ops.errors import ExitCode, FailedError
from ops.review.cdk_diff import CdkDiff
from ops.templates.assembly import Assembly
from tests.support.review import changes_of_data as data
from tests.support.review.application import Application


@pytest.fixture(scope="module")
def folders(dev: Assembly, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    changed = Application(dev)
    data.termination_protection_removed(changed)
    head = changed.write(tmp_path_factory.mktemp("command") / "head")
    return ("--base", str(dev.folder), "--head", str(head))


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(build(), ["review", *arguments])
    return result.exit_code, result.output


def test_a_risk_ends_with_one_and_an_accepted_one_with_zero(folders: tuple[str, ...]) -> None:
    code, text = run(*folders, "--head-commit", "abc123")
    assert code == 1
    assert text.startswith("🔴 **Risk: 1 thing to accept before the merge**")
    assert text.splitlines()[2].endswith("→ `head` (`abc123`), environment `dev`")
    assert run(*folders, "--accept-risk")[0] == 0


def test_nothing_to_see_ends_with_zero(dev: Assembly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.review.review.CdkDiff", CdkDiff)  # one of its own, as outside of the tests
    same = Application(dev).write(tmp_path / "same")
    assert run("--base", str(dev.folder), "--head", str(same))[0] == 0


def test_one_folder_twice_is_refused(dev: Assembly) -> None:
    code, text = run("--base", str(dev.folder), "--head", str(dev.folder))
    assert code == 2
    assert "are one folder" in text


def test_a_rule_is_explained() -> None:
    code, text = run("--explain", "alarm-weakened")
    assert code == 0
    assert "**What it sees**" in text
    assert "TreatMissingData" in text
    assert "**What it says.** A risk." in text
    assert "`accept-risk`" in text
    assert "`accept-risk`" not in run("--explain", "description")[1]
    assert run("--explain", "no-such-rule")[0] == 2
    assert "- `pass-role`: " in run("--explain", "all")[1]
    page = run("--explain", "sign-in-weak")[1]
    assert "- a new `AWS::Cognito::UserPool` has no `MfaConfiguration`: " in page
    assert "- `NoExpiry`, written newly as `true`: " in page


def test_a_full_disk_is_no_risk(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise FailedError("this machine has no space left")

    monkeypatch.setattr("ops.stacks.commits.synthesized", full)
    assert run("--base-ref", "main")[0] == ExitCode.BROKEN


def test_a_failing_tool_has_an_exit_code_of_its_own(
    folders: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """1 would be taken for a risk, 0 for none."""

    def fail(*_: object, **__: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr("ops.review.review.compare", fail)
    summary, comment = tmp_path / "summary.md", tmp_path / "review.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    code, text = run(*folders, "--output", str(comment), "--head-commit", "abc123")
    assert code == ExitCode.BROKEN
    assert "judged nothing" in text
    # The comment of an earlier commit would go on saying what that one did.
    assert comment.read_text().startswith("⚠️ **Not reviewed: nothing is known about this change**\n\n`abc123`\n")
    assert comment.read_text().endswith("<!-- hannibal-review dev -->\n")
    assert summary.read_text() == comment.read_text() + "\n"


def test_what_a_shortened_comment_leaves_out_is_written_beside_it(folders: tuple[str, ...], tmp_path: Path) -> None:
    comment, everything = tmp_path / "review.md", tmp_path / "review.json"
    assert run(*folders, "--output", str(comment), "--everything", str(everything))[0] == 1
    assert json.loads(everything.read_text())["verdict"] == "risk"
    assert comment.read_text().startswith("🔴")


def test_a_file_gets_the_report_and_the_screen_the_verdict(folders: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "review.sarif"
    code, text = run(*folders, "--format", "sarif", "--output", str(file))
    assert (code, text) == (1, "🔴 Risk: 1 thing to accept before the merge: data at risk\n")
    assert json.loads(file.read_text())["runs"][0]["results"]


def test_json_is_all_that_is_printed(folders: tuple[str, ...]) -> None:
    assert json.loads(run(*folders, "--format", "json")[1])["verdict"] == "risk"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--base", "somewhere"),
        ("--base-ref", "main", "--base", "somewhere"),
        ("--base", "nowhere", "--head", "nowhere"),
    ],
)
def test_unusable_input_ends_with_two(arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == 2


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("--base", "HEAD"), "hannibal review --base-ref HEAD\n"),
        (("--base", "HEAD", "--head", "HEAD^0"), "hannibal review --base-ref HEAD --head-ref HEAD^0\n"),
        (("--base", "HEAD", "--head", "tests"), "hannibal review --base-ref HEAD\n"),
    ],
)
def test_a_commit_where_a_folder_belongs_is_told_how_it_is_given(arguments: tuple[str, ...], advice: str) -> None:
    code, text = run(*arguments)
    assert code == 2
    assert "HEAD is a commit and no folder" in text
    assert advice in text


def test_a_report_that_cannot_be_written_ends_with_two(folders: tuple[str, ...], tmp_path: Path) -> None:
    assert run(*folders, "--output", str(tmp_path / "nowhere" / "report.md"))[0] == 2
