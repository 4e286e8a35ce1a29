"""Runs cfn-lint on the resources that differ, in parallel to the rest of the review.

A whole template takes up to 1.5 seconds, so the input has only the resources that differ in full. The resources that
those refer to are in it with their type alone; findings about them are left out.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.errors import FailedError
from ops.review.changes import Place
from ops.templates.assembly import Assembly, Stack
from ops.templates.values import Json, Map, at, items, mapping, needed_by

# CDK adds a DependsOn where a reference already implies it (W3005).
_ACCEPTED = "W3005"
# Of these cfn-lint reads the file that they name as a template, any file of this machine: a device never ends.
_NAMING_FILES = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")
# A short process needs no garbage collector, which takes a sixth of its time.
_MAIN = "import gc; gc.disable(); from cfnlint.runner import main; main()"
_PATIENCE_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Diagnostic(Place):
    """A problem that a rule of cfn-lint or of synthesis found in a resource or stack."""

    rule: str  # the rule's id, with the name of its tool
    description: str  # the message of the rule
    error: bool  # whether it is an error, not a warning
    reason: str = ""  # the reason of its acknowledgement, empty without one

    @property
    def key(self) -> tuple[str, str, str]:
        """Equal for the same diagnostic on both sides."""
        return self.rule, self.path, self.description


class Linting(ExitStack):
    """A running process of cfn-lint, which ends with the ``with`` block.

    One process reads all files: starting it takes longer than linting some hundred resources.

    Args:
        work: applications, each with the logical ids of the resources to lint, by stack.
    """

    def __init__(self, work: Sequence[tuple[Assembly, Mapping[str, set[str]]]], region: str) -> None:
        super().__init__()
        self._sides = len(work)
        self._files: dict[str, tuple[int, Stack, set[str]]] = {}
        folder = Path(self.enter_context(TemporaryDirectory(prefix="review-")))
        for side, (assembly, wanted) in enumerate(work):
            for name, ids in wanted.items():
                stack = assembly.stacks.get(name)
                if stack and (known := _readable(stack, ids)):
                    file = folder / f"{len(self._files)}.json"
                    file.write_text(json.dumps(_reduced(stack.template, known)), encoding="utf-8")
                    self._files[str(file)] = (side, stack, known)
        self._process = self.enter_context(_started(folder, list(self._files), region)) if self._files else None
        if self._process is not None:
            self.callback(self._process.kill)  # whatever ends the block: its end would wait for it

    def findings(self) -> list[list[Diagnostic]]:
        """The diagnostics of each application; waits for the process.

        Raises:
            FailedError: cfn-lint ended without an answer, or did not end.
        """
        diagnostics: list[list[Diagnostic]] = [[] for _ in range(self._sides)]
        if self._process is None:
            return diagnostics
        try:
            answer, complaint = self._process.communicate(timeout=_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise FailedError(f"cfn-lint did not end within {_PATIENCE_SECONDS} seconds") from error
        try:
            content: Json = json.loads(answer)
        except ValueError as error:
            last = complaint.strip().splitlines()[-1:]
            raise FailedError(f"cfn-lint failed: {''.join(last)}") from error
        for match in map(mapping, items(content)):
            side, stack, changed_ids = self._files[str(match.get("Filename"))]
            finding = _finding(match, stack)
            if finding.logical_id in changed_ids:
                diagnostics[side].append(finding)
        return diagnostics


def _readable(stack: Stack, wanted: set[str]) -> set[str]:
    return {it for it in wanted & stack.resources.keys() if stack.resources[it].get("Type") not in _NAMING_FILES}


def _reduced(template: Map, wanted: set[str]) -> Map:
    everything = mapping(template.get("Resources"))
    full: Map = {key: everything[key] for key in wanted if key in everything}
    needed = {target for resource in full.values() for target in needed_by(resource)}
    resources = {
        key: full.get(key, {"Type": mapping(value).get("Type")})
        for key, value in everything.items()
        if key in full or key in needed
    }
    return {key: value for key, value in template.items() if key != "Outputs"} | {"Resources": resources}


def _started(folder: Path, files: list[str], region: str) -> "subprocess.Popen[str]":
    # Not where the reviewer is, which may be a foreign checkout: Python takes modules from there, cfn-lint a
    # configuration that names rules in Python.
    return subprocess.Popen(  # noqa: S603 - our own interpreter with our own files, no shell
        [sys.executable, "-c", _MAIN, "--regions", region, "--ignore-checks", _ACCEPTED, "-f", "json", "--", *files],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _finding(match: Map, stack: Stack) -> Diagnostic:
    path = items(at(match, "Location", "Path"))
    logical_id = str(path[1]) if len(path) > 1 and path[0] == "Resources" else ""
    return Diagnostic(
        rule=f"cfn-lint {at(match, 'Rule', 'Id')}",
        stack=stack.name,
        logical_id=logical_id,
        path=stack.path(logical_id) if logical_id else stack.name,
        description=str(match.get("Message")),
        error=match.get("Level") == "Error",
    )
