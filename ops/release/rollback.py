"""The way back: a running release is stopped, or an earlier image is released again."""

import re

from botocore.exceptions import ClientError

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import code_of
from ops.errors import RefusedError, UnusableInputError
from ops.release.history import previous_image, read_history
from ops.release.revision import read_revision
from ops.release.watch import running_image
from ops.service.deployments import Deployment, running_deployments

_REVISION = re.compile(r"^((?P<family>[\w-]+):)?(?P<number>\d+)$")


def running_release(aws: Aws, settings: Settings) -> Deployment | None:
    """The release that is going on now."""
    return next(iter(running_deployments(aws.codedeploy, settings.names)), None)


def image_to_go_back_to(aws: Aws, settings: Settings, to: str | None) -> str:
    """Find out which image a rollback means.

    Args:
        aws: the door to AWS.
        settings: the installation.
        to: an image, a number of a revision, or family and number; None for the image before the one that serves.

    Raises:
        UnusableInputError: there is no such revision.
        RefusedError: there never was another image.
    """
    if to is None:
        image = previous_image(read_history(aws, settings, most=100), running_image(aws, settings))
        if image is None:
            raise RefusedError(
                "there is no earlier image to go back to: nothing else was ever released",
                "Name one: `hannibal rollback --to IMAGE`",
            )
        return image
    family = settings.names.task_family
    match = _REVISION.match(to)
    if match is None or match["family"] not in (None, family):
        return to
    try:
        return read_revision(aws.ecs, settings.names, f"{family}:{match['number']}").image
    except ClientError as error:
        if code_of(error) == "ClientException":
            raise UnusableInputError(
                f"there is no revision {family}:{match['number']}", "See what there is: `hannibal releases`"
            ) from error
        raise
