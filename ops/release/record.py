"""The release record, which outlives the month."""

from dataclasses import dataclass
from datetime import datetime

from ops.aws.clients import Aws
from ops.stacks.state import Stack


@dataclass(frozen=True, kw_only=True)
class Release:
    """The release parameter."""

    image: str  # the image of the last release, which a new month starts
    version: int  # version of the parameter; 1 until the first release
    since: datetime  # when it was written


@dataclass(frozen=True, kw_only=True)
class Record(Release):
    """One value of the parameter's history."""

    who: str  # ARN of the caller who wrote it


def read_release(aws: Aws) -> Release | None:
    """The current release; None before the first deployment."""
    try:
        parameter = aws.ssm.get_parameter(Name=aws.names.release_parameter)["Parameter"]
    except aws.ssm.exceptions.ParameterNotFound:
        return None
    return Release(
        image=parameter.get("Value", ""), version=parameter.get("Version", 0), since=parameter["LastModifiedDate"]
    )


def is_gone(release: Release | None, stack: Stack | None) -> bool:
    """Whether the parameter was deleted by hand: deploying does not restore it, and no month starts without it.

    Args:
        stack: ArtifactStack, which gave it its first value; None if it does not exist.
    """
    return release is None and stack is not None and stack.healthy


def write_release(aws: Aws, image: str) -> None:
    """Record an image, which the next month starts. SSM keeps the last 100 values."""
    aws.ssm.put_parameter(Name=aws.names.release_parameter, Value=image, Type="String", Overwrite=True)


def read_records(aws: Aws) -> tuple[Record, ...]:
    """All values that SSM keeps, the newest first; they outlive the months, unlike CodeDeploy's deployments."""
    try:
        pages = aws.ssm.get_paginator("get_parameter_history").paginate(Name=aws.names.release_parameter)
        found = [entry for page in pages for entry in page["Parameters"]]
    except aws.ssm.exceptions.ParameterNotFound:
        return ()
    records = [
        Record(
            image=entry.get("Value", ""),
            version=entry.get("Version", 0),
            since=entry["LastModifiedDate"],
            who=entry.get("LastModifiedUser", ""),
        )
        for entry in found
    ]
    return tuple(sorted(records, key=lambda record: record.version, reverse=True))
