"""The usage of a month that templates do not state: assumptions, each with its reason."""

from pathlib import Path
from typing import Final

import yaml
from pydantic import Field, ValidationError

from installation import yaml_text
from installation.settings import Settings
from installation.settings.file import SettingsError, load_settings
from ops.errors import UnusableInputError

FOLDER: Final = Path(__file__).resolve().parents[2] / "config" / "usage"


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
    snapshots: Assumption
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
        content = yaml_text.parsed(file.read_text(encoding="utf-8"))
        if isinstance(content, dict) and "snapshots" not in content:
            content["snapshots"] = _snapshots(load_settings(file.stem, file.parent.parent))
        return Usage.model_validate(content)
    except FileNotFoundError:
        raise UnusableInputError(f"no usage assumptions {file}: copy those of another environment") from None
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnusableInputError(f"{file} does not fit: {error}") from error
    except SettingsError as error:
        raise UnusableInputError(str(error)) from error


def _snapshots(settings: Settings) -> Assumption:
    """As many as pruning leaves, which counts those before releases apart from final ones."""
    kept, reason = settings.database.snapshots_kept, "database.snapshots_kept"
    if settings.release.snapshot:
        kept, reason = 2 * kept, f"twice {reason}, because of release.snapshot"
    return Assumption(value=kept, why=f"{reason}; each counted in full, because a restored instance begins a new chain")
