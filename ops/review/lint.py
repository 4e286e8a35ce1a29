"""cfn-lint on the resources that differ, beside the rest of the review.

The whole of a template takes it up to a second and a half, so that only what differs is given in full. What that
refers to is there with its type alone; what cfn-lint says about those is left out.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.errors import FailedError
from ops.templates.assembly import Assembly, Stack
from ops.templates.values import Json, Map, at, items, mapping, references

# CDK writes a DependsOn beside a reference that already says so (W3005).
_ACCEPTED = "W3005"
# A process that soon ends has no use for a garbage collector, which takes a sixth of its time.
_MAIN = "import gc; gc.disable(); from cfnlint.runner import main; main()"
_PATIENCE_SECONDS = 300
# A second process costs its start, which pays from some resources on.
_FEW = 40


@dataclass(frozen=True)
class Diagnostic:
    """A finding of one rule at one place.

    Attributes:
        rule: the rule's id, with the name of its tool.
        stack: stack of the place.
        logical_id: resource of the place, empty where it is about the stack.
        path: construct path of the place.
        description: what the rule says.
        error: whether it is more than a warning.
        reason: why it was acknowledged, empty where it was not.
    """

    rule: str
    stack: str
    logical_id: str
    path: str
    description: str
    error: bool
    reason: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same finding on both sides."""
        return self.rule, self.path, self.description


class Linting(ExitStack):
    """cfn-lint at work, in processes of its own that end with the block.

    Args:
        side: the application.
        wanted: logical ids of the resources to lint, by stack.
        region: region whose schemas count.
    """

    def __init__(self, side: Assembly, wanted: Mapping[str, set[str]], region: str) -> None:
        super().__init__()
        self._stacks: dict[str, Stack] = {}
        self._wanted: dict[str, set[str]] = {}
        self._processes = []
        folder = Path(self.enter_context(TemporaryDirectory(prefix="review-")))
        for share in _shares({name: ids for name, ids in wanted.items() if ids and name in side.stacks}):
            files = [self._write(folder, side.stacks[name], ids) for name, ids in share.items()]
            self._processes.append(self.enter_context(_started(files, region)))

    def findings(self) -> list[Diagnostic]:
        """What it found, when it is done.

        Raises:
            FailedError: cfn-lint ended without an answer.
        """
        found = []
        for process in self._processes:
            answer, complaint = process.communicate(timeout=_PATIENCE_SECONDS)
            try:
                content: Json = json.loads(answer)
            except ValueError as error:
                last = complaint.strip().splitlines()[-1:]
                raise FailedError(f"cfn-lint failed: {''.join(last)}") from error
            for match in map(mapping, items(content)):
                file = str(match.get("Filename"))
                finding = _finding(match, self._stacks[file])
                if finding.logical_id in self._wanted[file]:
                    found.append(finding)
        return found

    def _write(self, folder: Path, stack: Stack, wanted: set[str]) -> str:
        file = folder / f"{len(self._stacks)}.json"
        file.write_text(json.dumps(_reduced(stack.template, wanted)), encoding="utf-8")
        self._stacks[str(file)] = stack
        self._wanted[str(file)] = wanted
        return str(file)


def _shares(wanted: Mapping[str, set[str]]) -> list[dict[str, set[str]]]:
    """The work for one process, or for two where it is much."""
    if not wanted:
        return []
    if sum(map(len, wanted.values())) <= _FEW:
        return [dict(wanted)]
    halves: list[dict[str, set[str]]] = [{}, {}]
    for name, ids in wanted.items():
        for number, half in enumerate(halves):
            if part := set(sorted(ids)[number::2]):
                half[name] = part
    return halves


def _reduced(template: Map, wanted: set[str]) -> Map:
    everything = mapping(template.get("Resources"))
    full: Map = {key: everything[key] for key in wanted if key in everything}
    needed = {*references(full), *(str(it) for value in full.values() for it in items(at(value, "DependsOn")))}
    resources = {
        key: full.get(key, {"Type": mapping(value).get("Type")})
        for key, value in everything.items()
        if key in full or key in needed
    }
    return {key: value for key, value in template.items() if key != "Outputs"} | {"Resources": resources}


def _started(files: list[str], region: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - our own interpreter with our own files, no shell
        [sys.executable, "-c", _MAIN, "--regions", region, "--ignore-checks", _ACCEPTED, "-f", "json", "--", *files],
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
