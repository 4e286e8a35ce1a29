"""Synthesizes two commits in work trees of their own, so that the operator's files do not change."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.errors import FailedError, UnusableInputError
from ops.stacks.cdk import CdkRun, synth_arguments
from ops.stacks.checkout import Checkout
from ops.stacks.full_disk import require_space
from ops.stacks.git_variables import variables_without_repository
from ops.stacks.scratch import scratch_folder

_SYNTHESIS_SECONDS = 600.0  # it takes ten
_GIT_SECONDS = 600.0  # one that waits for a lock, or for an answer
# Not the credentials of AWS and GitHub, nor what can fetch them, nor other variables of the shell.
_NEEDED = frozenset(
    {"HOME", "LANG", "LOGNAME", "PATH", "SHELL", "SYSTEMROOT", "TEMP", "TERM", "TMP", "TMPDIR", "TZ", "USER"}
)
_NEEDED_PREFIXES = ("JSII_", "LC_", "NODE_", "PYTHON", "VIRTUAL_ENV", "XDG_")


@dataclass(frozen=True, kw_only=True)
class SynthesizedCommit:
    """One commit, synthesized."""

    label: str  # the requested reference
    commit: str  # its shortened commit id
    folder: Path  # what ``cdk synth`` wrote


@contextmanager
def synthesized(
    checkout: Checkout, base: str, head: str, environment: str
) -> Iterator[tuple[SynthesizedCommit, SynthesizedCommit]]:
    """Both sides of a branch: the commit at which it branched from the base, and its newest.

    Both are synthesized in parallel, with this checkout's Python and CDK, and removed when the block ends.

    Raises:
        UnusableInputError: a reference is unknown, the two have no common commit, or a side cannot be synthesized.
        FailedError: git or a synthesis does not end.
    """
    head_commit = _git(checkout, "rev-parse", "--verify", f"{head}^{{commit}}")
    _git(checkout, "rev-parse", "--verify", f"{base}^{{commit}}")
    base_commit = _git(checkout, "merge-base", base, head)
    with ExitStack() as stack:
        _git(checkout, "worktree", "prune")  # work trees whose folders a killed review left behind
        root = stack.enter_context(scratch_folder())
        runs = []
        for label, commit, name in ((base, base_commit, "base"), (head, head_commit, "head")):
            tree = root / name
            _git(checkout, "worktree", "add", "--detach", "--force", str(tree), commit)
            stack.callback(_git, checkout, "worktree", "remove", "--force", str(tree))
            side = SynthesizedCommit(label=label, commit=commit[:12], folder=root / f"{name}.out")
            arguments = synth_arguments(environment, side.folder, shlex.join((sys.executable, "app.py")))
            variables = without_credentials(os.environ)
            run = CdkRun(checkout, arguments, root / f"{name}.log", cwd=tree, environment=variables)
            runs.append((side, stack.enter_context(run)))
        for side, run in runs:
            if run.wait(_SYNTHESIS_SECONDS, name=f"synthesis of {side.label} ({side.commit})"):
                require_space(run.log.text(), root)
                raise UnusableInputError(f"{side.label} ({side.commit}) cannot be synthesized", *run.log.tail())
        yield runs[0][0], runs[1][0]


def is_commit(checkout: Checkout, name: str) -> bool:
    """Whether a text is a reference to a commit of the checkout."""
    try:
        return bool(_git(checkout, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"))
    except UnusableInputError:
        return False


def without_credentials(environment: Mapping[str, str]) -> dict[str, str]:
    """Only the variables that a synthesis needs, because it runs code of a commit that may not be reviewed."""
    return {name: value for name, value in environment.items() if name in _NEEDED or name.startswith(_NEEDED_PREFIXES)}


def _git(checkout: Checkout, *arguments: str) -> str:
    try:
        result = subprocess.run(  # noqa: S603 - fixed program, no shell; a reference that begins with - is refused
            # Hooks, which may be the branch's, would have the shell's credentials.
            ["git", "-c", "core.hooksPath=/dev/null", *arguments],  # noqa: S607 - git is found in the operator's PATH
            cwd=checkout.root,
            env=variables_without_repository(),
            capture_output=True,
            text=True,
            check=False,
            timeout=_GIT_SECONDS,
        )
    except FileNotFoundError:
        raise UnusableInputError("git was not found", "Give two folders instead: --base DIR --head DIR.") from None
    except subprocess.TimeoutExpired:
        raise FailedError(f"git {arguments[0]} has not ended after {_GIT_SECONDS:g} seconds") from None
    if result.returncode:
        require_space(result.stderr)
        reason = result.stderr.strip() or "the two commits have no common ancestor"
        raise UnusableInputError(
            f"git {shlex.join(arguments)} failed: {reason.splitlines()[-1]}",
            "A reference has to exist here with its history; in a workflow check out with `fetch-depth: 0`.",
        )
    return result.stdout.strip()
