"""The keys of the account's root: random for each state folder where policies are enforced, ``test`` elsewhere."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from embedded_aws.core.context import ServerError

# In the state folder. `hannibal local env` and the tests read it.
FILE_NAME = "root-credentials.json"
_KEY_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_KEY_LENGTH = 16  # after the four letters that mark an access key of AWS
_SECRET_BYTES = 30  # forty characters of base64, like AWS's secrets


@dataclass(frozen=True, kw_only=True)
class RootCredentials:
    """An access key and its secret, which is not shown when the object is printed."""

    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        return f"RootCredentials(access_key_id={self.access_key_id!r})"


# For calls to a server without authorization, which accepts any key.
WELL_KNOWN = RootCredentials(access_key_id="test", secret_access_key="test")  # noqa: S106 - not a secret


def root_credentials(folder: Path, *, authorization: bool) -> RootCredentials:
    """Read a state folder's keys, which a restart keeps; create missing ones where policies are enforced.

    Raises ServerError: the file cannot be read.
    """
    file = folder / FILE_NAME
    if not file.exists():
        if not authorization:
            return WELL_KNOWN
        key = "AKIA" + "".join(secrets.choice(_KEY_CHARACTERS) for _ in range(_KEY_LENGTH))
        made = RootCredentials(access_key_id=key, secret_access_key=secrets.token_urlsafe(_SECRET_BYTES))
        partial = file.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600, exist_ok=False)
        partial.write_text(json.dumps(asdict(made)), encoding="utf-8")
        partial.replace(file)
    try:
        return RootCredentials(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ServerError(f"cannot use {file}: {error}. Delete it, and new keys are made at the next start.") from error
