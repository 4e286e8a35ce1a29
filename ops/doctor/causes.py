"""Why a task stopped, by what ECS says about it, and what corrects that.

The words are those of the Amazon ECS developer guide, "Amazon ECS stopped tasks error messages".
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from installation.settings import Settings
from installation.settings_sections import FARGATE_MEMORY_MIB
from ops.doctor.finding import Remediation
from ops.doctor.tasks import StoppedTask

NO_EGRESS: Final = "no-egress"
SECRET_MISSING: Final = "database-url-missing"  # noqa: S105 - a word for scripts, no secret
SECRET_DENIED: Final = "database-url-denied"  # noqa: S105


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A reason for which tasks stop."""

    name: str  # a stable word for scripts
    pattern: re.Pattern[str]  # what ECS says then
    summary: str  # the same for people
    remediations: tuple[Remediation, ...]  # what to do; ``{…}`` are filled from the task and the settings
    shows_log: bool = False  # whether the task's last lines tell more: it ran, and could print something


_ROLL_BACK = Remediation(
    what="if it came with a release, go back to the image before", command="hannibal rollback --env {env}"
)
_SEE_POLICIES = Remediation(
    what="see which policies the role has; `aws iam get-role-policy` shows one",
    command="aws iam list-role-policies --role-name {execution_role}",
)
_NEXT_MONTH: Final = "hannibal stop --env {env} && hannibal start --env {env}"
_READ_LOG = Remediation(what="read all that it printed", command="hannibal logs --env {env} --since 2h --task {task}")

CAUSES: Final = (
    Cause(
        name=NO_EGRESS,
        pattern=re.compile(
            r"(?=.*(CannotPull|ResourceInitializationError))"
            r".*(i/o timeout|deadline exceeded|Client\.Timeout|request send failed|connection refused|no such host)",
            re.DOTALL,
        ),
        summary="The task does not reach the internet, from which it gets image and secrets.",
        remediations=(
            Remediation(
                what="look at routes, NAT gateway and security group", command="hannibal doctor ecs --env {env}"
            ),
            Remediation(what="see what was changed by hand", command="hannibal drift --env {env}"),
        ),
    ),
    Cause(
        name=SECRET_DENIED,
        pattern=re.compile(r"retriev\w* (entry|secret).*AccessDenied", re.DOTALL),
        summary="The execution role may not read the secret that becomes DATABASE_URL.",
        remediations=(
            _SEE_POLICIES,
            # A deployment would not: CloudFormation sees no difference between two templates.
            Remediation(
                what="put back what was changed there, or have the role made anew by the next start of a month, which "
                "keeps the data",
                command=_NEXT_MONTH,
            ),
        ),
    ),
    Cause(
        name=SECRET_MISSING,
        pattern=re.compile(r"retriev\w* secret|secrets? from (ssm|asm)|did not contain json key", re.DOTALL),
        summary="DATABASE_URL cannot be resolved: its secret, or the key in it, is not there.",
        remediations=(
            Remediation(
                what="a deleted secret comes back within its grace period",
                command="aws secretsmanager restore-secret --secret-id {secret}",
            ),
            Remediation(
                what="without it, end the month and start again: the data is kept", command="hannibal stop --env {env}"
            ),
        ),
    ),
    Cause(
        name="wrong-processor",
        pattern=re.compile(r"descriptor matching platform|exec format error"),
        summary="The image is built for another processor than the tasks have ({architecture}).",
        remediations=(
            Remediation(
                what="build it for {architecture} and release it, or go back", command="hannibal rollback --env {env}"
            ),
        ),
    ),
    Cause(
        name="image-limit",
        pattern=re.compile(r"CannotPull.*(toomanyrequests|rate limit)", re.DOTALL | re.IGNORECASE),
        summary="The registry refuses the image {image} for now: too many requests.",
        remediations=(
            Remediation(
                what="keep the image in this account's repository, which has no such limit",
                command="hannibal image --help",
            ),
        ),
    ),
    Cause(
        name="image-denied",
        pattern=re.compile(r"CannotPull.*(denied|no basic auth|403|not authorized)", re.DOTALL | re.IGNORECASE),
        summary="The execution role may not pull the image {image}.",
        remediations=(
            _SEE_POLICIES,
            _ROLL_BACK,
        ),
    ),
    Cause(
        name="image-not-found",
        pattern=re.compile(r"CannotPull|ImagePull"),
        summary="The image {image} cannot be pulled: the registry does not have it.",
        remediations=(
            Remediation(
                what="see which images there are", command="aws ecr describe-images --repository-name {repository}"
            ),
            Remediation(what="release one that there is", command="hannibal release --env {env} --image IMAGE"),
            _ROLL_BACK,
        ),
    ),
    Cause(
        name="out-of-memory",
        pattern=re.compile(r"OutOfMemory|exit code 137"),
        summary="The container needs more than its {memory} MiB of memory and was killed.",
        remediations=(
            _ROLL_BACK,
            Remediation(
                what="give it more: set service.memory_mib to {more_memory} in config/{env}.yaml; it counts from the "
                "next start of a month, which keeps the data",
                command=_NEXT_MONTH,
            ),
        ),
        shows_log=True,
    ),
    Cause(
        name="unhealthy",
        pattern=re.compile(r"failed (ELB|container) health checks"),
        summary="Tasks run, but fail their health check ({health_path} on port {port}).",
        remediations=(
            _READ_LOG,
            _ROLL_BACK,
            Remediation(
                what="if it only starts slowly or answers elsewhere: service.start_grace_seconds or "
                "service.health_path in config/{env}.yaml"
            ),
        ),
        shows_log=True,
    ),
    Cause(
        name="spot-taken",
        pattern=re.compile(r"Spot", re.IGNORECASE),
        summary="AWS took the Spot capacity back.",
        remediations=(
            Remediation(what="it starts again by itself; for good: service.capacity on_demand in config/{env}.yaml"),
        ),
    ),
    Cause(
        name="container-exits",
        pattern=re.compile(r"Essential container|exit code [1-9]"),
        summary="The container ends by itself{exit}.",
        remediations=(_READ_LOG, _ROLL_BACK),
        shows_log=True,
    ),
)
_OTHER: Final = Cause(
    name="task-stops",
    pattern=re.compile(""),
    summary="Tasks stop, for a reason that is not known here.",
    remediations=(_READ_LOG, _ROLL_BACK),
    shows_log=True,
)
_SECRET_ARN: Final = re.compile(r"arn:aws[\w-]*:secretsmanager:[\w-]+:\d+:secret:[\w/+=.@-]+")
# Ends of tasks that were asked for.
_WANTED: Final = re.compile(r"^(Scaling activity|Task stopped by|Deployment)|stopped by user", re.IGNORECASE)


def is_failure(task: StoppedTask) -> bool:
    """Whether a task ended otherwise than a release, a scaling or a person wanted it."""
    return task.code != "UserInitiated" and not _WANTED.search(task.reason)


def cause_of(task: StoppedTask) -> Cause:
    """The first cause whose words ECS uses."""
    return next((cause for cause in CAUSES if cause.pattern.search(task.words)), _OTHER)


def cause_named(name: str) -> Cause:
    """A cause by its word."""
    return next(cause for cause in CAUSES if cause.name == name)


def filled(cause: Cause, task: StoppedTask | None, settings: Settings, secret: str = "") -> Cause:
    """A cause with the particulars of a task."""
    sizes = FARGATE_MEMORY_MIB[settings.service.cpu_units]
    memory = settings.service.memory_mib
    named = _SECRET_ARN.search(task.words) if task else None
    values = {
        "env": settings.environment,
        "task": task.task_id[:8] if task else "TASK",
        "image": task.image if task else "IMAGE",
        "exit": f" with code {task.exit_code}" if task and task.exit_code is not None else "",
        "repository": settings.names.repository,
        "execution_role": settings.names.execution_role,
        "architecture": settings.service.architecture,
        "health_path": settings.service.health_path,
        "port": settings.service.port,
        "memory": memory,
        "more_memory": next((size for size in sizes if size > memory), memory),
        "secret": secret or (named.group() if named else "SECRET"),
    }
    remediations = tuple(
        Remediation(what=remediation.what.format(**values), command=remediation.command.format(**values))
        for remediation in cause.remediations
    )
    return replace(cause, summary=cause.summary.format(**values), remediations=remediations)
