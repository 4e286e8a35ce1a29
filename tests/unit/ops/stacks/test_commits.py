"""Two commits are synthesized beside the person's own files, and leave nothing behind."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.errors import FailedError, UnusableInputError
from ops.stacks import commits
from ops.stacks.checkout import Checkout
from ops.stacks.commits import is_commit, synthesized, without_credentials
from tests.support.git import git

# A CDK that writes what it was called with, and the text of its work tree, into the folder that it was given.
CDK = """
while [ "$1" ]; do [ "$1" = --output ] && out=$2; [ "$1" = -c ] && context=$2; [ "$1" = --app ] && app=$2; shift; done
mkdir -p "$out"
cat text.txt >"$out/text"
echo "$context" >"$out/context"
echo "$app" >"$out/app"
! grep -q endless text.txt || sleep 600
! grep -q broken text.txt || { echo "error: no such stack"; exit 1; }
"""


@pytest.fixture
def repository(project: Callable[[str], Checkout]) -> Checkout:
    made = project(CDK)
    git(made.root, "init", "--quiet", "--initial-branch", "main")
    commit(made.root, "one")
    git(made.root, "switch", "--quiet", "--create", "branch")
    commit(made.root, "two")
    return made


def commit(root: Path, text: str) -> None:
    (root / "text.txt").write_text(text)
    git(root, "add", "text.txt")
    git(root, "commit", "--quiet", "--message", text)


def test_both_sides_are_synthesized_and_cleaned_up(repository: Checkout) -> None:
    (repository.root / "text.txt").write_text("not committed")
    with synthesized(repository, "main", "HEAD", "prod") as (base, head):
        assert (base.folder / "text").read_text() == "one"
        assert (head.folder / "text").read_text() == "two"
        assert (head.folder / "context").read_text() == "env=prod\n"
        assert base.commit == git(repository.root, "rev-parse", "main")[:12]
        assert (base.label, head.label) == ("main", "HEAD")
    assert not base.folder.exists()
    assert len(git(repository.root, "worktree", "list").splitlines()) == 1
    assert (repository.root / "text.txt").read_text() == "not committed"


def test_a_checkout_may_stand_below_a_folder_with_a_space(
    repository: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CDK gives the text to a shell."""
    monkeypatch.setattr("sys.executable", "/home/my projects/shop/.venv/bin/python")
    with synthesized(repository, "main", "HEAD", "dev") as (base, _):
        assert shlex.split((base.folder / "app").read_text()) == ["/home/my projects/shop/.venv/bin/python", "app.py"]


def test_the_base_is_where_the_branch_left_it(repository: Checkout) -> None:
    """What came to the main branch afterwards is not undone by this change."""
    git(repository.root, "switch", "--quiet", "main")
    commit(repository.root, "three")
    with synthesized(repository, "main", "branch", "dev") as (base, _):
        assert (base.folder / "text").read_text() == "one"


def test_no_hook_of_the_branch_runs_with_the_shells_credentials(repository: Checkout, tmp_path: Path) -> None:
    """Programs such as Husky have git look for hooks in a folder of the work tree."""
    hook = repository.root / "hooks" / "post-checkout"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    git(repository.root, "add", "hooks")
    commit(repository.root, "three")
    git(repository.root, "config", "core.hooksPath", "hooks")
    with synthesized(repository, "main", "HEAD", "dev"):
        assert not (tmp_path / "ran").exists()


def test_a_hook_keeps_the_index_of_its_commit(
    repository: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git gives it to the hook in variables, and a work tree that is added would write its own files into it."""
    (repository.root / "text.txt").write_text("to be committed")
    git(repository.root, "add", "text.txt")
    staged = git(repository.root, "diff", "--cached")
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository.root / ".git/index"))
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_QUARANTINE_PATH", str(tmp_path))  # in a hook that receives a push
    with synthesized(repository, "main", "HEAD", "dev") as (base, _):
        assert (base.folder / "text").read_text() == "one"
    assert "+to be committed" in staged
    assert git(repository.root, "diff", "--cached") == staged


def test_an_unknown_reference_is_unusable_input(repository: Checkout) -> None:
    with (
        pytest.raises(UnusableInputError, match=r"git rev-parse --verify 'nowhere\^\{commit\}' failed") as refusal,
        synthesized(repository, "nowhere", "HEAD", "dev"),
    ):
        pass
    assert "fetch-depth: 0" in refusal.value.advice[0]


def test_a_side_that_cannot_be_synthesized_is_named_with_its_reason(repository: Checkout) -> None:
    commit(repository.root, "broken")
    with (
        pytest.raises(UnusableInputError, match=r"HEAD \(.*\) cannot be synthesized") as refusal,
        synthesized(repository, "main", "HEAD", "dev"),
    ):
        pass
    assert refusal.value.advice == ("error: no such stack",)
    assert len(git(repository.root, "worktree", "list").splitlines()) == 1


def test_a_synthesis_that_does_not_end_is_ended_and_is_no_risk(
    repository: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A traceback would end the review with 1, its exit code for a risk."""
    monkeypatch.setattr(commits, "_SYNTHESIS_SECONDS", 0.1)
    commit(repository.root, "endless")
    with (
        pytest.raises(FailedError, match=r"^synthesis of HEAD \(\w{12}\) has not ended after 0\.1 seconds$"),
        synthesized(repository, "HEAD", "HEAD", "dev"),
    ):
        pass
    assert len(git(repository.root, "worktree", "list").splitlines()) == 1


def test_a_git_that_waits_for_another_is_named(
    repository: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "waits" / "git"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    monkeypatch.setattr(commits, "_GIT_SECONDS", 0.1)
    with pytest.raises(FailedError, match=r"git rev-parse has not ended after 0\.1 seconds"):
        is_commit(repository, "main")


def test_an_outsiders_commit_gets_no_credentials() -> None:
    shell = {
        "PATH": "/usr/bin",
        "HOME": "/home/ann",
        "LC_ALL": "C.UTF-8",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SESSION_TOKEN": "token",
        "AWS_PROFILE": "work",
        "GITHUB_TOKEN": "token",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "token",
        "SSH_AUTH_SOCK": "/run/agent",
        "SOMETHING_SECRET": "x",
    }

    assert set(without_credentials(shell)) == {
        "PATH",
        "HOME",
        "LC_ALL",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION",
    }
