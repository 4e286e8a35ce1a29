"""CDK's own comparison of two templates, `@aws-cdk/cloudformation-diff`, behind a process of Node."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ops.errors import FailedError, UnusableInputError
from ops.templates.schemas import Replacement
from ops.templates.values import Map

_BRIDGE = Path(__file__).with_name("compare.cjs")
# Node answers in well under a second; one that hangs shall not hang a workflow for hours.
_PATIENCE_SECONDS = 60
_IMPACTS = {"WILL_REPLACE": Replacement.WILL, "MAY_REPLACE": Replacement.MAY}


class ResourceVerdict(BaseModel):
    """What CDK's diff says about one resource that differs."""

    model_config = ConfigDict(frozen=True)

    properties: dict[str, str]  # its word for each property that differs, such as ``WILL_REPLACE``
    attributes: list[str]  # what differs beside the properties, such as ``DeletionPolicy``

    def replacement(self, name: str) -> Replacement:
        """Whether the change of a property replaces the resource."""
        return _IMPACTS.get(self.properties.get(name, ""), Replacement.NO)


class StackVerdict(BaseModel):
    """What CDK's diff says about one stack; where it failed, why, and nothing about resources."""

    model_config = ConfigDict(frozen=True)

    resources: dict[str, ResourceVerdict]
    failure: str = ""


_ANSWER = TypeAdapter(dict[str, StackVerdict])


class CdkDiff:
    """The comparison as a process that lives as long as the block; it loads while the caller reads templates.

    Args:
        root: the checkout with ``node_modules``.

    Raises:
        UnusableInputError: Node or the package is not installed.
    """

    def __init__(self, root: Path) -> None:
        if not (root / "node_modules" / "@aws-cdk" / "cloudformation-diff").is_dir():
            raise UnusableInputError(
                f"the comparison of templates is not installed in {root}",
                "Run `npm ci` there (or `make setup`, which does all of the set-up).",
            )
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own script, no shell
                ["node", str(_BRIDGE)],  # noqa: S607 - Node is where the person has it
                cwd=root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except FileNotFoundError:
            raise UnusableInputError(
                "node was not found", "Run `make setup` in the checkout, which brings it along."
            ) from None

    def compare(self, pairs: Mapping[str, tuple[Map, Map]]) -> Mapping[str, StackVerdict]:
        """What CDK's diff says about pairs of templates (base, head), by stack.

        Raises:
            FailedError: it ended or answered something else.
        """
        request = json.dumps({name: {"base": base, "head": head} for name, (base, head) in pairs.items()})
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise FailedError("the comparison of templates was started without pipes")
        try:
            stdin.write(request.encode() + b"\n")
            stdin.flush()
            return _ANSWER.validate_json(stdout.readline())
        except (BrokenPipeError, ValidationError) as error:
            self._process.kill()
            _, complaint = self._process.communicate(timeout=_PATIENCE_SECONDS)
            lines = complaint.decode(errors="replace").strip().splitlines()
            reason = next((line for line in lines if "Error" in line), "it gave no reason")
            raise FailedError(f"the comparison of templates failed: {reason}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # What it still could say matters to nobody: with its input closed it would end by itself, only later.
        self._process.kill()
        self._process.communicate(timeout=_PATIENCE_SECONDS)
