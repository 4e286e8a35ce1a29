"""Root's access key of the embedded AWS, which creates it where it enforces policies."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ops.errors import FailedError

_FILE = "root-credentials.json"  # embedded_aws/core/root_credentials.py writes it


class Credentials(BaseModel):
    """An access key and its secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    access_key_id: str = "test"
    secret_access_key: str = "test"  # noqa: S105 - for a server that checks no credentials


def read_credentials(folder: Path) -> Credentials:
    """Read the access key from the state folder; ``test`` where there is none; FailedError where it is unreadable."""
    try:
        return Credentials.model_validate_json((folder / _FILE).read_bytes())
    except FileNotFoundError:
        return Credentials()
    except OSError as error:
        raise FailedError(
            f"cannot read {folder / _FILE}: {error.strerror}",
            "The state folder is of whoever started that embedded AWS. One of your own: `hannibal local up --state "
            "FOLDER --port PORT`, and `hannibal local env --state FOLDER`.",
        ) from error
    except ValidationError as error:
        raise FailedError(
            f"cannot read {folder / _FILE}: it holds no keys",
            "Delete it; the embedded AWS makes new keys when it starts again with --auth.",
        ) from error
