"""The record of the release that runs, which outlives the month."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from installation.names import Names

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


@dataclass(frozen=True, kw_only=True)
class Release:
    """The release parameter."""

    image: str  # what a new month starts, and what the last release left running
    version: int  # version of the parameter; 1 until the first release
    since: datetime  # when it was written


@dataclass(frozen=True, kw_only=True)
class Record(Release):
    """One value that the parameter had."""

    who: str  # ARN of who wrote it


def read_release(ssm: "SSMClient", names: Names) -> Release | None:
    """The current release; None before the first deployment."""
    try:
        parameter = ssm.get_parameter(Name=names.release_parameter)["Parameter"]
    except ssm.exceptions.ParameterNotFound:
        return None
    return Release(
        image=parameter.get("Value", ""), version=parameter.get("Version", 0), since=parameter["LastModifiedDate"]
    )


def write_release(ssm: "SSMClient", names: Names, image: str) -> None:
    """Have the next month start from an image. Its history is kept: SSM remembers the last 100 values."""
    ssm.put_parameter(Name=names.release_parameter, Value=image, Type="String", Overwrite=True)


def read_records(ssm: "SSMClient", names: Names) -> tuple[Record, ...]:
    """All values that SSM remembers, the newest first; they outlive the months, unlike CodeDeploy's deployments."""
    try:
        pages = ssm.get_paginator("get_parameter_history").paginate(Name=names.release_parameter)
        found = [entry for page in pages for entry in page["Parameters"]]
    except ssm.exceptions.ParameterNotFound:
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
