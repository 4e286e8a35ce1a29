"""CDK's own comparison of two templates, `@aws-cdk/cloudformation-diff`, in a Node process."""

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
# Node answers in well under a second; without a limit, a process that hangs would block a workflow for hours.
_PATIENCE_SECONDS = 60
_IMPACTS = {"WILL_REPLACE": Replacement.WILL, "MAY_REPLACE": Replacement.MAY}


class ResourceVerdict(BaseModel):
    """The result of CDK's diff for one resource that differs."""

    model_config = ConfigDict(frozen=True)

    properties: dict[str, str]  # its term for each property that differs, such as ``WILL_REPLACE``
    attributes: list[str]  # differing attributes outside of the properties, such as ``DeletionPolicy``

    def replacement(self, name: str) -> Replacement:
        """Whether the change of a property replaces the resource."""
        return _IMPACTS.get(self.properties.get(name, ""), Replacement.NO)


class StackVerdict(BaseModel):
    """The result of CDK's diff for one stack; where it failed, the reason and no resources."""

    model_config = ConfigDict(frozen=True)

    resources: dict[str, ResourceVerdict]
    failure: str = ""


_ANSWER = TypeAdapter(dict[str, StackVerdict])


class CdkDiff:
    """The comparison in a process that ends with the ``with`` block; it loads while the caller reads templates.

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
                ["node", str(_BRIDGE)],  # noqa: S607 - Node is found on the user's PATH
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
        """The results of CDK's diff for pairs of templates (base, head), by stack.

        Raises:
            FailedError: it ended, or its answer is not usable.
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
        # No further answer is needed. With its input closed, the process would end by itself too, but later.
        self._process.kill()
        self._process.communicate(timeout=_PATIENCE_SECONDS)
