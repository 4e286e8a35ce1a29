"""Watches a release to its end, including its rollback, and keeps the release record current."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from botocore.exceptions import ClientError

from ops.aws.clients import Aws
from ops.aws.errors import code_of, ignoring
from ops.aws.polling import wait_at_most
from ops.errors import FailedError
from ops.release.deployment import DeploymentState, image_of, read_deployment
from ops.release.history import read_release, write_release
from ops.release.progress import ReleaseReader, ReleaseView
from ops.release.revision import deregister_old_revisions
from ops.release.task_sets import read_running_service, read_serving
from ops.release.timing import mode_of
from ops.service.autoscaling import resume_scaling

Show = Callable[[ReleaseView], None]
_ROLLBACK_SECONDS = 60.0


class Outcome(StrEnum):
    """How a release ended."""

    SUCCEEDED = "succeeded"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class ReleaseResult:
    """The result of a release."""

    outcome: Outcome  # how it ended
    deployment_id: str  # the deployment
    image: str  # the released image
    mode: str  # how traffic moved
    duration: timedelta  # from start to end; if it was rolled back, until all traffic was back
    code: str = ""  # why it was rolled back or failed, such as ``ALARM_ACTIVE``; empty for a success
    reason: str = ""  # the same in AWS's words
    step: str = ""  # the step that failed
    rollback_id: str = ""  # the deployment by which CodeDeploy rolled it back
    running: str = ""  # the image that now serves
    recorded: bool = False  # whether this run wrote the release parameter
    deregistered: tuple[str, ...] = ()  # old revisions that were deregistered


def watch(aws: Aws, deployment_id: str, *, show: Show) -> ReleaseResult:
    """Watch a release to its end, write the record, and resume scaling. It may be repeated after an interruption.

    The limit is CodeDeploy's own, by the deployment configuration: a waiter with a fixed one fails canaries
    (aws-cli #5963).

    Raises:
        FailedError: the release did not end within that limit, or was deleted with its application.
    """
    try:
        result = _watch(aws, deployment_id, show)
    except ClientError as error:
        if code_of(error) != "DeploymentDoesNotExistException":
            raise
        raise FailedError(
            f"deployment {deployment_id} was deleted with its application: the month was ended meanwhile",
            "`hannibal status` shows the release that the next month starts with.",
        ) from error
    resume_scaling(aws)
    return result


def _watch(aws: Aws, deployment_id: str, show: Show) -> ReleaseResult:
    view = _watch_to_end(aws, deployment_id, show)
    ended_deployment = view.deployment
    step = next((event.name for event in view.events if event.status == "Failed"), "")
    if ended_deployment.status == "Succeeded":
        return _conclude(aws, ended_deployment)
    ended_deployment = _find_rollback(aws, ended_deployment)
    completed = ended_deployment.completed
    rolled_back = False
    if ended_deployment.rollback_id:
        back = _watch_to_end(aws, ended_deployment.rollback_id, show).deployment
        rolled_back, completed = back.status == "Succeeded", back.completed
    return ReleaseResult(
        outcome=Outcome.ROLLED_BACK if rolled_back else Outcome.FAILED,
        deployment_id=deployment_id,
        image=image_of(aws, ended_deployment),
        mode=mode_of(ended_deployment.configuration),
        duration=(completed or ended_deployment.created) - ended_deployment.created,
        code=ended_deployment.error_code,
        reason=ended_deployment.error,
        step=step,
        rollback_id=ended_deployment.rollback_id,
        running=running_image(aws),
    )


def _find_rollback(aws: Aws, ended_deployment: DeploymentState) -> DeploymentState:
    """Wait until a failed deployment names its rollback, which CodeDeploy creates a moment after the failure."""

    def named() -> DeploymentState | None:
        failed = read_deployment(aws, ended_deployment.deployment_id)
        return failed if failed.rollback_id or not failed.rolls_back_by_itself else None

    if ended_deployment.rollback_id or not ended_deployment.rolls_back_by_itself:
        return ended_deployment
    return wait_at_most(_ROLLBACK_SECONDS, named, aws.polling) or ended_deployment


def _watch_to_end(aws: Aws, deployment_id: str, show: Show) -> ReleaseView:
    reader = ReleaseReader(aws, read_deployment(aws, deployment_id))
    status = ""

    def ended() -> ReleaseView | None:
        nonlocal status
        view = reader.read()
        status = view.deployment.status
        show(view)
        return view if view.deployment.ended else None

    if (last_view := wait_at_most(reader.timing.longest.total_seconds(), ended, aws.polling)) is None:
        raise FailedError(
            f"deployment {deployment_id} is still {status}, longer than CodeDeploy itself waits",
            f"See it: `aws deploy get-deployment --deployment-id {deployment_id}`",
            "Roll it back: `hannibal rollback`",
        )
    return last_view


def _conclude(aws: Aws, deployment: DeploymentState) -> ReleaseResult:
    """Write the record of a success, if it is not written yet, and clean up."""
    recorded, running = complete_record(aws), running_image(aws)
    if deployment.goes_back and running and not is_watched(aws, deployment):
        write_release(aws, running)  # for a new configuration of the same image the record is right already
    service = read_running_service(aws)
    in_use = {task_set.revision.arn for task_set in service.task_sets} if service else set()
    return ReleaseResult(
        outcome=Outcome.SUCCEEDED,
        deployment_id=deployment.deployment_id,
        image=image_of(aws, deployment),
        mode=mode_of(deployment.configuration),
        duration=(deployment.completed or deployment.created) - deployment.created,
        running=running,
        recorded=recorded,
        deregistered=deregister_old_revisions(aws, in_use=in_use),
    )


def unrecorded_image(aws: Aws) -> str | None:
    """The running image of a release that was not recorded; None if the record is current.

    That happens when no command watches a release to its end, or the parameter is deleted by hand. A value that was set
    after the release ended is the operator's decision and stays.
    """
    serving = read_serving(aws)
    if serving is None:
        return None
    record, deployment = read_release(aws), None
    if record is not None and record.image == serving.revision.image:
        return None
    if serving.deployment_id:
        with ignoring("DeploymentDoesNotExistException"):  # deleted with its application, before the service
            deployment = read_deployment(aws, serving.deployment_id)
    if deployment is None:
        return serving.revision.image if record is None else None
    if deployment.status != "Succeeded" or deployment.completed is None:
        return None
    return serving.revision.image if record is None or record.since < deployment.completed else None


def is_watched(aws: Aws, deployment: DeploymentState) -> bool:
    """Whether a rollback was watched to its end, after which the record is written, also with the same image."""
    record = read_release(aws)
    return record is not None and deployment.completed is not None and record.since >= deployment.completed


def complete_record(aws: Aws) -> bool:
    """Record the running image of a release that was not recorded; returns whether that was necessary."""
    image = unrecorded_image(aws)
    if image is not None:
        write_release(aws, image)
    return image is not None


def running_image(aws: Aws) -> str:
    """The serving image; empty between two months."""
    serving = read_serving(aws)
    return serving.revision.image if serving else ""
