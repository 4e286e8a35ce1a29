"""Checks PostgreSQL's version before a month starts: the snapshot's, the settings', and those that RDS offers.

After a restore CloudFormation sets the settings' version; RDS lowers none. RDS withdraws a minor version about a
year after its release: it refuses new instances, then upgrades running ones, also restored ones (RDS user guide,
"Upgrading a PostgreSQL DB engine", "Release calendar").
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import DENIED, ignoring
from ops.month.snapshots import Snapshot

_ENGINE = "postgres"
_STANDARD_SUPPORT = "open-source-rds-standard-support"
# PostgreSQL releases minor versions each quarter, and RDS withdraws them after about a year.
_MANY_NEWER = 3
_AHEAD = timedelta(days=180)
_UPGRADE = "docs/real-account.md, Another major version"


@dataclass(frozen=True, kw_only=True)
class OfferedVersions:
    """The PostgreSQL versions that RDS offers in the region."""

    versions: tuple[str, ...]  # versions for new instances, in ascending order
    # End of the standard support of the settings' major version; None where RDS has no date.
    ends: datetime | None = None

    def newer(self, version: str) -> tuple[str, ...]:
        """Newer versions of the same major version."""
        return tuple(
            one for one in self.versions if _major(one) == _major(version) and version_key(one) > version_key(version)
        )


def version_key(version: str) -> tuple[int, ...]:
    """Sort key of a version: 18.10 comes after 18.9."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def read_offered(aws: Aws, version: str) -> OfferedVersions | None:
    """Read the offered versions; None where these credentials may not."""
    with ignoring(*DENIED):
        pages = aws.rds.get_paginator("describe_db_engine_versions").paginate(Engine=_ENGINE)
        described = [one for page in pages for one in page["DBEngineVersions"]]
        versions = {one["EngineVersion"] for one in described if one.get("Status", "available") == "available"}
        majors = aws.rds.get_paginator("describe_db_major_engine_versions").paginate(
            Engine=_ENGINE, MajorEngineVersion=_major(version)
        )
        ends = [
            lifecycle["LifecycleSupportEndDate"]
            for page in majors
            for one in page["DBMajorEngineVersions"]
            for lifecycle in one.get("SupportedEngineLifecycles", [])
            if lifecycle["LifecycleSupportName"] == _STANDARD_SUPPORT
        ]
        return OfferedVersions(versions=tuple(sorted(versions, key=version_key)), ends=next(iter(ends), None))
    return None


def engine_version_refusals(
    settings: Settings, offered: OfferedVersions, snapshot: Snapshot | None, now: datetime
) -> Iterator[str]:
    """Why a new or restored database of the settings' version cannot be created now, with the line to write."""
    version = settings.database.engine_version
    line = f"`database.engine_version` in config/{settings.environment}.yaml"
    has = snapshot.engine_version if snapshot else ""
    other_major = bool(has) and _major(version) != _major(has)
    if snapshot and (other_major or version_key(version) < version_key(has)):
        why = "a start goes over to no other major version" if other_major else "RDS lowers no version"
        # Where the snapshot's is not offered, the next one, to which RDS upgrades during a restore.
        restorable = has if has in offered.versions else next(iter(offered.newer(has)), has)
        upgrade = f", or upgrade a copy of the snapshot first ({_UPGRADE})"
        yield (
            f"the newest snapshot, {snapshot.name}, is of PostgreSQL {has}, and {line} is {version}: {why}. "
            f"{_write(restorable)}{upgrade if version_key(version) > version_key(has) else ''}"
        )
    elif offered.ends and offered.ends <= now:
        # The stack has no Extended Support (API reference, EngineLifecycleSupport of creations and restores).
        yield (
            f"the standard support of PostgreSQL {_major(version)}, which {line} asks for, ended on "
            f"{offered.ends:%Y-%m-%d}: RDS makes no database of it, and upgrades a restored one, which the stack then "
            f"refuses. Go over to the next major version ({_UPGRADE})"
        )
    elif version not in offered.versions:
        newer = offered.newer(version) or tuple(one for one in offered.versions if _major(one) == _major(version))
        listed = ", ".join(newer) or "none of this major version"
        yield (
            f"RDS offers no PostgreSQL {version} in {settings.region}, which {line} asks for (offered: {listed})."
            + (f" {_write(newer[-1])}" if newer else "")
        )


def upcoming_version_changes(settings: Settings, offered: OfferedVersions, now: datetime) -> Iterator[str]:
    """Version changes to make soon, before one prevents a month's start."""
    version = settings.database.engine_version
    newer = offered.newer(version)
    if version in offered.versions and len(newer) >= _MANY_NEWER:
        yield (
            f"RDS offers {', '.join(newer)} after PostgreSQL {version}, and withdraws a minor version about a year "
            f"after its release: raise `database.engine_version` to {newer[-1]} between two months"
        )
    if offered.ends and offered.ends - now < _AHEAD:
        ends, when = ("ended", "") if offered.ends <= now else ("ends", "then ")
        yield (
            f"the standard support of PostgreSQL {_major(version)} {ends} on {offered.ends:%Y-%m-%d}, and RDS {when}"
            f"upgrades databases to the next major version: go over to it between two months ({_UPGRADE})"
        )


def _write(version: str) -> str:
    return f'Write `engine_version: "{version}"`'


def _major(version: str) -> str:
    return version.partition(".")[0]
