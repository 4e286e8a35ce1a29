"""The record of the release that runs, which outlives the month."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from constructs_lib.names import Names

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


@dataclass(frozen=True, kw_only=True)
class Release:
    """The release parameter.

    Attributes:
        image: what a new month starts, and what the last release left running.
        version: version of the parameter; 1 until the first release.
        since: when it was written.
    """

    image: str
    version: int
    since: datetime


def read_release(ssm: "SSMClient", project: Names) -> Release | None:
    """The current release; None before the first deployment."""
    try:
        parameter = ssm.get_parameter(Name=project.release_parameter)["Parameter"]
    except ssm.exceptions.ParameterNotFound:
        return None
    return Release(
        image=parameter.get("Value", ""), version=parameter.get("Version", 0), since=parameter["LastModifiedDate"]
    )
