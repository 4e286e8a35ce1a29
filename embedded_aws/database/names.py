"""Names of instances and snapshots, which RDS stores in lower case (API reference)."""

from typing import Any, Final

from embedded_aws.core.patching import Function
from embedded_aws.database import emulator

_INSTANCE: Final = "DBInstanceIdentifier"
_SNAPSHOT: Final = "DBSnapshotIdentifier"
_NAMES: Final = frozenset(
    {
        *(f"{kind}{_INSTANCE}" for kind in ("", "New", "Source", "Target")),
        *(f"{kind}{_SNAPSHOT}" for kind in ("", "Final", "Source", "Target")),
    }
)


def install() -> None:
    """Convert the names in requests to lower case."""
    emulator.sent_text.wrap(_read_identifier)


def _read_identifier(original: Function, request: Any, key: str, *default: Any) -> Any:
    text = original(request, key, *default)
    return text.lower() if key in _NAMES and isinstance(text, str) and not text.startswith("arn:") else text
