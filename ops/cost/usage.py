"""The usage of a month that templates do not state: assumptions, each with its reason."""

from pathlib import Path
from typing import Final

import yaml
from pydantic import Field, ValidationError

from installation import yaml_text
from installation.settings.file import load_settings
from ops.errors import UnusableInputError

FOLDER: Final = Path(__file__).resolve().parents[2] / "config" / "usage"
_WHY_SNAPSHOTS: Final = "database.snapshots_kept; each counted in full, because a restored instance begins a new chain"


class Assumption(yaml_text.Data):
    """An assumed number with its reason."""

    value: float = Field(ge=0)
    why: str = Field(min_length=5)


class Usage(yaml_text.Data):
    """Usage of a month that runs throughout. Units are in the names: GB are 10^9 bytes."""

    releases: Assumption
    release_minutes: Assumption
    load_balancer_gb: Assumption
    cdn_gb: Assumption
    cdn_requests: Assumption
    internet_gb: Assumption
    nat_gb: Assumption
    cross_zone_gb: Assumption
    database_used_gb: Assumption
    snapshots: Assumption = Assumption(value=0, why="filled from the settings, unless the file says it")
    images_gb: Assumption
    athena_gb: Assumption
    container_insights_metrics: Assumption
    container_insights_enhanced_metrics: Assumption
    log_compression: Assumption
    logs_gb: dict[str, Assumption]
    stopped_logs_share: dict[str, Assumption]
    stored_gb: dict[str, Assumption]

    def flat(self) -> dict[str, Assumption]:
        """All assumptions by their path in the file; the key for all other names is shown as ``other``."""
        assumptions: dict[str, Assumption] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, Assumption):
                assumptions[name] = value
            else:
                assumptions |= {f"{name}.{part or 'other'}": assumption for part, assumption in value.items()}
        return assumptions


def assumption_for(assumptions: dict[str, Assumption], name: str) -> float:
    """The first value whose key is a part of the name."""
    return next((assumption.value for part, assumption in assumptions.items() if part in name), 0.0)


def usage_file(environment: str) -> Path:
    """The file of an environment's assumptions."""
    return FOLDER / f"{environment}.yaml"


def load_usage(file: Path) -> Usage:
    """Read a file of assumptions; the settings beside its folder say how many snapshots are kept.

    Raises:
        UnusableInputError: there is none, or one of both is invalid; the message names the field.
    """
    try:
        usage = Usage.model_validate(yaml_text.parsed(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise UnusableInputError(f"no usage assumptions {file}: copy those of another environment") from None
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnusableInputError(f"{file} does not fit: {error}") from error
    if "snapshots" in usage.model_fields_set:
        return usage
    kept = load_settings(file.stem, file.parent.parent).database.snapshots_kept
    return usage.model_copy(update={"snapshots": Assumption(value=kept, why=_WHY_SNAPSHOTS)})
