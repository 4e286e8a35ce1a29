"""Rollback: stops a running release, or releases again what served before."""

import re
from dataclasses import dataclass

from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.errors import RefusedError, UnusableInputError
from ops.release.configuration import revision_differences
from ops.release.history import earlier_revisions, newest_deployment, read_history, recorded_image
from ops.release.revision import Revision, read_revision
from ops.release.task_sets import read_serving
from ops.release.watch import is_watched
from ops.service.deployments import RunningDeployment, running_deployments

_REVISION = re.compile(r"^((?P<family>[\w-]+):)?(?P<number>\d+)$")
_DEPLOYMENTS = 100  # how far back deployments are read
_STOPPED = "MANUAL_STOP"  # CodeDeploy's code if a person has stopped it


@dataclass(frozen=True, kw_only=True)
class RollbackTarget:
    """The target of a rollback."""

    image: str
    like: str | None  # family and number of the revision whose configuration is taken; None for the deployed one


def running_release(aws: Aws) -> RunningDeployment | None:
    """The running release."""
    return next(iter(running_deployments(aws)), None)


def rollback_target(aws: Aws, to: str | None) -> RollbackTarget:
    """Find the target of a rollback: an image, a revision by its number, or what served before.

    Raises:
        UnusableInputError: there is no such revision.
        RefusedError: nothing else has ever served, or a rollback has already been done.
    """
    if to is None:
        return _before(aws)
    family = aws.names.task_family
    match = _REVISION.match(to)
    if match is None or match["family"] not in (None, family):
        return RollbackTarget(image=to, like=None)
    name = f"{family}:{match['number']}"
    revision = _read_revision(aws, name)
    if revision is None:
        raise UnusableInputError(f"there is no revision {name}", "See what there is: `hannibal releases`")
    return RollbackTarget(image=revision.image, like=name)


def _before(aws: Aws) -> RollbackTarget:
    """The newest version of this month that has served and differs from the running one; else an earlier image."""
    newest = newest_deployment(aws)
    if newest is not None and newest.error_code == _STOPPED and newest.rollback_id:
        # For example a repeated rollback, which was interrupted after it had stopped a release.
        raise RefusedError(
            f"the newest release, {newest.deployment_id}, was stopped and rolled back already",
            "To go back further, name an image, or a revision of `hannibal releases`: `hannibal rollback --to IMAGE`",
        )
    if newest is not None and newest.goes_back and newest.status == "Succeeded" and not is_watched(aws, newest):
        # It was killed meanwhile: repeated, it would release again what it has rolled back.
        raise RefusedError(
            f"{newest.deployment_id} was a rollback already, and nobody has watched it to its end",
            "Record the running version: `hannibal release --wait`",
            "To go further, name an image, or a revision of `hannibal releases`: `hannibal rollback --to IMAGE`",
        )
    history = read_history(aws, most=_DEPLOYMENTS)
    serving = read_serving(aws)
    running = serving.revision if serving else None
    for name in earlier_revisions(history) if running else ():
        revision = _read_revision(aws, name)
        if running and revision and _differ(aws, running, revision):
            return RollbackTarget(image=revision.image, like=name)
    image = recorded_image(history, current=running.image if running else "")
    if image is None:
        raise RefusedError(
            "there is nothing earlier to go back to: no other image or configuration was ever released",
            "Name an image: `hannibal rollback --to IMAGE`",
        )
    return RollbackTarget(image=image, like=None)


def _differ(aws: Aws, running: Revision, other: Revision) -> bool:
    return running.image != other.image or bool(revision_differences(aws, running.arn, other.arn))


def _read_revision(aws: Aws, name: str) -> Revision | None:
    """A revision; None if it does not exist, or was deleted."""
    with ignoring("ClientException"):
        return read_revision(aws, name)
    return None
