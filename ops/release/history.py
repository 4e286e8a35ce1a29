"""The record of releases, which outlives the month, and their history."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from ops.aws.clients import Aws
from ops.release.deployment import DeploymentState, image_of, state_of, with_app_spec
from ops.release.timing import mode_of
from ops.service.deployments import deployment_ids
from ops.stacks.state import Stack

_BATCH = 25  # limit of BatchGetDeployments


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
        parameters = [entry for page in pages for entry in page["Parameters"]]
    except aws.ssm.exceptions.ParameterNotFound:
        return ()
    records = [
        Record(
            image=entry.get("Value", ""),
            version=entry.get("Version", 0),
            since=entry["LastModifiedDate"],
            who=entry.get("LastModifiedUser", ""),
        )
        for entry in parameters
    ]
    return tuple(sorted(records, key=lambda record: record.version, reverse=True))


@dataclass(frozen=True, kw_only=True)
class PastRelease:
    """A deployment of this month, which may still run."""

    deployment_id: str  # such as ``d-ABCDEF123``
    image: str  # its image; empty if that cannot be found any more
    revision: str  # family and number of the task definition
    like: str  # family and number of the revision whose configuration it took; empty if that is not known
    replaced: str  # family and number of the revision that ran before it; empty if that is not known
    mode: str  # how traffic moved
    created: datetime  # when it was started
    duration: timedelta | None  # from start to end; None while it runs
    result: str  # CodeDeploy's status, or ``RolledBack``
    who: str  # ARN of the caller, or ``codeDeployRollback``
    reason: str  # why it did not succeed
    rolls_back: str  # the deployment that this one rolls back


@dataclass(frozen=True, kw_only=True)
class History:
    """The known history."""

    deployments: tuple[PastRelease, ...]  # of this month, the newest first; CodeDeploy loses them at the month's end
    records: tuple[Record, ...]  # values of the release parameter, the newest first, over all months


def read_history(aws: Aws, most: int = 20) -> History:
    """The last releases of this month, and the record over all months."""
    deployments = tuple(_past_release(aws, state) for state in islice(_deployments(aws), most))
    return History(deployments=deployments, records=read_records(aws)[:most])


def earlier_revisions(history: History) -> tuple[str, ...]:
    """The revisions of this month that have served, the newest first."""
    served = [past for past in history.deployments if past.result == "Succeeded" and not past.rolls_back]
    found = [revision for past in served for revision in (past.revision, past.replaced) if revision]
    return tuple(dict.fromkeys(found))


def recorded_image(history: History, current: str) -> str | None:
    """The newest different image of the record, over all months; None if there is none."""
    return next((record.image for record in history.records if record.image not in ("", current)), None)


def newest_deployment(aws: Aws) -> DeploymentState | None:
    """The last release that was started, whatever its result; CodeDeploy's own rollbacks do not count."""
    return next((state for state in _deployments(aws) if not state.rolls_back), None)


def _deployments(aws: Aws) -> Iterator[DeploymentState]:
    """Deployments, the newest first; the API guarantees no order."""
    identifiers = deployment_ids(aws)
    batches = [identifiers[start : start + _BATCH] for start in range(0, len(identifiers), _BATCH)]
    answers = [aws.codedeploy.batch_get_deployments(deploymentIds=batch) for batch in batches]
    deployments = [info for answer in answers for info in answer["deploymentsInfo"]]
    for info in sorted(deployments, key=lambda it: it["createTime"], reverse=True):
        yield state_of(with_app_spec(aws, info))


def _past_release(aws: Aws, state: DeploymentState) -> PastRelease:
    return PastRelease(
        deployment_id=state.deployment_id,
        image=image_of(aws, state),
        revision=state.task_definition.rpartition("/")[2],
        like=state.like,
        replaced=state.replaced,
        mode="rollback" if state.rolls_back else mode_of(state.configuration),
        created=state.created,
        duration=state.completed - state.created if state.completed else None,
        result="RolledBack" if state.rollback_id else state.status,
        who=state.who,
        reason=state.error,
        rolls_back=state.rolls_back,
    )
