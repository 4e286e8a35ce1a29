"""Where tasks run, what they print, and what ECS says of them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ops.aws.clients import Aws
from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence
from ops.doctor.network import Placement
from ops.errors import RefusedError
from ops.release.configuration import deployed_revision
from ops.release.revision import read_definition, secret_arns
from ops.release.task_sets import read_serving
from ops.service.ecs_service import StoppedTask
from ops.service.logs import LogLine, read_lines

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import AwsVpcConfigurationOutputTypeDef, ServiceTypeDef

_EPOCH = datetime.fromtimestamp(0, UTC)
_LINES = 5
# ECS developer guide, "Viewing Amazon ECS service events".
_WARNINGS = ("is unhealthy", "unable to", "failed", "being throttled")


def placement(service: "ServiceTypeDef") -> Placement:
    """Where the service's tasks run: by its newest task set, because CodeDeploy leaves the service's setting alone."""
    newest = next(iter(service.get("taskSets", [])), None)
    own = newest.get("networkConfiguration") if newest else None
    vpc: AwsVpcConfigurationOutputTypeDef | None = (own or service.get("networkConfiguration", {})).get(
        "awsvpcConfiguration"
    )
    if vpc is None:
        return Placement(subnets=(), security_groups=(), public_address=False)
    return Placement(
        subnets=tuple(vpc.get("subnets", [])),
        security_groups=tuple(vpc.get("securityGroups", [])),
        public_address=vpc.get("assignPublicIp") == "ENABLED",
    )


def log_tail(examiner: Examiner, task_id: str) -> tuple[Evidence, ...]:
    """The last log lines of a task, as evidence."""
    lines = _lines(examiner, examiner.now - timedelta(hours=2), task=task_id)
    return tuple(_evidence(line) for line in lines if line.task_id == task_id)[-_LINES:]


def complaints(
    examiner: Examiner, pattern: str, since: datetime, *, tasks: frozenset[str] | None = None
) -> tuple[Evidence, ...]:
    """Log lines that match a filter pattern of CloudWatch Logs, of all tasks or of those with some ids."""
    lines = _lines(examiner, since, pattern=pattern)
    return tuple(_evidence(line) for line in lines if tasks is None or line.task_id in tasks)


def _lines(
    examiner: Examiner, start: datetime, *, task: str | None = None, pattern: str | None = None
) -> list[LogLine]:
    def read() -> list[LogLine]:
        with suppress(RefusedError):  # the log group is gone with its stack
            return list(read_lines(examiner.aws, start=start, task=task, pattern=pattern))
        return []

    return examiner.read("the log", read) or []


def _evidence(line: LogLine) -> Evidence:
    return Evidence(f"log of {line.task_id[:8]}", line.message)


def newest_warning(service: "ServiceTypeDef", since: datetime, *, task_set: str = "") -> tuple[Evidence, ...]:
    """The newest event that reports trouble, if any, of the service or of one of its task sets."""
    for event in service.get("events", []):
        message = event.get("message", "")
        if task_set and ", taskSet " in message and f", taskSet {task_set})" not in message:
            continue
        if event.get("createdAt", _EPOCH) >= since and any(words in message for words in _WARNINGS):
            return (Evidence("service event", message),)
    return ()


def lacks_withdrawn_secret(aws: Aws, task: StoppedTask) -> bool:
    """Whether a task of the serving version was refused a secret that the deployed settings name no longer."""
    serving, deployed = read_serving(aws), deployed_revision(aws)
    if serving is None or deployed is None or task.revision != serving.revision.name:
        return False
    read, named = (set(secret_arns(read_definition(aws, it)).values()) for it in (serving.revision.arn, deployed))
    # One ARN may begin with another one. Without any, nothing else is known to be refused.
    refused = max((arn for arn in read if arn in task.words), key=len, default="")
    return refused in read - named if refused else bool(read - named)
