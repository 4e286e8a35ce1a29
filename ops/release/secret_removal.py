"""Removes a secret that `hannibal secrets` keeps, once neither the settings nor any tasks get it."""

from collections.abc import Iterator
from contextlib import suppress

from ops.aws.clients import Aws
from ops.errors import RefusedError, UnusableInputError
from ops.release.configuration import deployed_revision
from ops.release.revision import read_definition, secret_arns
from ops.release.task_sets import RunningService, read_running_service
from ops.service.secrets import StoredSecret, read_secrets, require_name, uses


def plan_removal(aws: Aws, name: str) -> StoredSecret:
    """Check a secret before its removal, and change nothing.

    Raises:
        UnusableInputError: the name cannot be used, or nothing is kept under it.
        RefusedError: the settings name it, or a version of the service that is deployed or serves gets it.
    """
    require_name(name)
    kept = read_secrets(aws)
    secret = next((one for one in kept if one.name == name), None)
    if secret is None:
        known = ", ".join(one.name for one in kept) or "none"
        raise UnusableInputError(f"no secret {name} is kept; kept are: {known}")
    path = aws.names.kept_secret(name)
    service = read_running_service(aws)
    before = "`hannibal resume` first. " if service is not None and not service.desired else ""
    used = [use.text for use in uses(aws.settings) if name == use.source.kept or path == use.source.parameter]
    if used:
        raise RefusedError(
            f"{name} is what {' and '.join(used)} gets, and without it no task starts",
            f"{before}Take it out of config/{aws.settings.environment}.yaml, deploy that and at once release it "
            "(`hannibal release --configuration`), and then remove it.",
        )
    if service is not None:
        _require_unread(aws, service, name, before)
    return secret


def _require_unread(aws: Aws, service: RunningService, name: str, before: str) -> None:
    """RefusedError where tasks of the service, also while it is paused, or of the next release get a secret."""
    deployed = deployed_revision(aws)
    revisions = (*((deployed,) if deployed else ()), *(task_set.revision.arn for task_set in service.task_sets))
    path = aws.names.kept_secret(name)
    reading = [arn for arn in dict.fromkeys(revisions) if path in _parameters(aws, arn)]
    if not reading:
        return
    listed = " and ".join(arn.rpartition("/")[2] for arn in reading)
    way = ""  # an earlier version, which ends by itself
    if deployed in reading:
        way = f"{before}Deploy settings that do not name it, and at once `hannibal release --configuration`. "
    elif service.primary is None or service.primary.revision.arn in reading:
        begun = "After `hannibal resume` has begun: " if before else ""
        way = f"{begun}`hannibal release --configuration --ignore-alarms` ships what is deployed, without it. "
    raise RefusedError(
        f"{name} is what tasks of {listed} get, and none of them starts without it",
        f"{way}Remove it when the earlier tasks have ended.",
    )


def _parameters(aws: Aws, revision: str) -> Iterator[str]:
    """The paths of the parameters that tasks of a revision get."""
    for value in secret_arns(read_definition(aws, revision)).values():
        yield value.rpartition(":parameter")[2]


def remove(aws: Aws, kept: StoredSecret) -> None:
    """Delete a secret with all its versions."""
    with suppress(aws.ssm.exceptions.ParameterNotFound):  # an answer was lost, or another operator removed it
        aws.ssm.delete_parameter(Name=aws.names.kept_secret(kept.name))
