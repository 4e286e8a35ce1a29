"""Which folder of templates is deployed, and which is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from installation import names
from installation.settings import Settings
from ops.errors import UnusableInputError
from ops.templates.assembly import require_assembly


def manifest(environment: str = "dev", without: str = "") -> dict[str, Any]:
    artifact = {"type": "aws:cloudformation:stack", "properties": {"tags": {"Environment": environment}}}
    return {"version": "1", "artifacts": {name: artifact for name in names.ALL_STACKS if name != without}}


def test_the_applications_own_templates_are_accepted(assembly: Callable[[str], Path], settings: Settings) -> None:
    require_assembly(assembly("dev"), settings)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "manifest.json is missing"),
        ("{", "manifest.json is damaged"),
        (json.dumps({"artifacts": {"Tree": {}}}), "artifacts: no IdentityStack"),
        (json.dumps(manifest(without=names.EDGE_STACK)), "artifacts: no EdgeStack"),
        (json.dumps(manifest("prod")), "IdentityStack is of the environment prod, not dev"),
    ],
)
def test_any_other_folder_is_unusable_input(tmp_path: Path, settings: Settings, content: str | None, says: str) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(UnusableInputError) as error:
        require_assembly(tmp_path, settings)
    assert says in str(error.value)
    assert error.value.advice
