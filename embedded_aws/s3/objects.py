"""The files of objects, which the emulator reads when it is imported."""

import json
from typing import Any

from pydantic import BaseModel, ValidationError

from embedded_aws.core.context import ServerContext, ServerError


class _Version(BaseModel):
    version_id: str


class _Sidecar(BaseModel):
    """What the emulator needs of a file to read it."""

    key: str | None = None
    version_id: str | None = None
    versions: list[_Version] = []
    tags: dict[str, Any] | None = None
    acl: dict[str, Any] | None = None
    annotations: dict[str, Any] | None = None


def check_files(context: ServerContext) -> None:
    """Check the file beside each object's content.

    Of one that is no JSON, the emulator forgets what it says without a word. At one of wrong types it stops with a
    warning, and forgets all objects that it has not read yet.

    Raises:
        ServerError: one cannot be used.
    """
    for file in sorted((context.state_folder / "objects").rglob("*.meta.json")):
        try:
            _Sidecar.model_validate(json.loads(file.read_bytes()))
        except (OSError, ValueError) as error:
            raise ServerError(
                f"cannot use {file}: {_reason(error)}. Put it back from a copy, or delete it: then the object stays, "
                "without its type, tags and older versions."
            ) from error


def _reason(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else "it holds no JSON object"
