"""Templates that are synthesized already: whether a folder of them is the installation's."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from installation.names import ALL_STACKS
from installation.settings import Settings
from ops.errors import UnusableInputError

_MANIFEST = "manifest.json"


class _Properties(BaseModel):
    tags: Mapping[str, str] = Field(default_factory=dict)


class _Artifact(BaseModel):
    type: str
    properties: _Properties = Field(default_factory=_Properties)


class _Manifest(BaseModel):
    """The part that is read of the file that the CDK writes beside its templates (cloud assembly schema)."""

    artifacts: Mapping[str, _Artifact]


def require_assembly(folder: Path, settings: Settings) -> None:
    """See that a folder holds all stacks of this installation, so that no environment is deployed over another.

    Raises:
        UnusableInputError: it does not; the message names what was found.
    """
    file = folder / _MANIFEST
    advice = f"Synthesize it first: `npx cdk synth --quiet -c env={settings.environment} --output {folder}`."
    try:
        manifest = _Manifest.model_validate_json(file.read_bytes())
    except OSError as error:
        raise UnusableInputError(f"{file}: {error.strerror}", advice) from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise UnusableInputError(f"{file}: {field}: {first['msg']}", advice) from None
    for stack in ALL_STACKS:
        artifact = manifest.artifacts.get(stack)
        if artifact is None:
            raise UnusableInputError(f"{file}: artifacts: no {stack}", advice)
        found = artifact.properties.tags.get("Environment")
        if found != settings.environment:
            raise UnusableInputError(
                f"{file}: {stack} is of the environment {found or '(none)'}, not {settings.environment}",
                f"Add `--env {found}`, or choose another folder." if found else advice,
            )
