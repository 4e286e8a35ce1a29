"""Why a task stopped, according to ECS's reason, and what corrects it."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator, ConfigDict
from pydantic.dataclasses import dataclass

from installation import yaml_text
from installation.aws_facts.limits import FARGATE_MEMORY_MIB
from installation.settings import Settings
from ops.doctor.finding import Remediation
from ops.doctor.tasks import StoppedTask

NO_EGRESS: Final = "no-egress"
LOGS_MISSING: Final = "logs-missing"
SECRET_MISSING: Final = "database-url-missing"  # noqa: S105 - an identifier, no secret
SECRET_DENIED: Final = "database-url-denied"  # noqa: S105


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Cause:
    """A reason for which tasks stop."""

    name: str  # a stable identifier for scripts
    # Matches what ECS or the application reports then.
    pattern: Annotated[re.Pattern[str], BeforeValidator(lambda it: "|".join(it) if isinstance(it, list) else it)]
    summary: str  # one sentence for operators
    remediations: tuple[Remediation, ...]  # what to do; ``{…}`` are filled from the task and the settings
    shows_log: bool = False  # whether to show the task's last log lines: it ran, and could print something


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Reason:
    """Why CodeDeploy ended a release."""

    cause: str  # a stable identifier for scripts
    summary: str  # one sentence for operators
    remediations: tuple[Remediation, ...]  # what to do


class _Catalogue(yaml_text.Data):
    """The content of ``data/causes.yaml``."""

    stopped: tuple[Cause, ...]
    unknown: Cause
    printed: tuple[Cause, ...]
    releases: dict[str, Reason]
    unknown_release: Reason


_FILE: Final = Path(__file__).parent / "data" / "causes.yaml"
CATALOGUE: Final = yaml_text.read(_FILE, _Catalogue)
_SECRET_ARN: Final = re.compile(r"arn:aws[\w-]*:secretsmanager:[\w-]+:\d+:secret:[\w/+=.@-]+")
# Stop reasons that were requested, or are AWS's maintenance (ECS developer guide, "Task retirement on Fargate").
_WANTED: Final = re.compile(
    r"^(Scaling activity|Task stopped by|Deployment)|stopped by user|is performing maintenance", re.IGNORECASE
)


def is_failure(task: StoppedTask) -> bool:
    """Whether a task stopped without a request of a release, a scaling activity or a person."""
    return task.code != "UserInitiated" and not _WANTED.search(task.reason)


def cause_of(task: StoppedTask) -> Cause:
    """The first cause whose pattern matches ECS's reason."""
    return next((cause for cause in CATALOGUE.stopped if cause.pattern.search(task.words)), CATALOGUE.unknown)


def cause_named(name: str) -> Cause:
    """The cause with an identifier."""
    return next(cause for cause in CATALOGUE.stopped if cause.name == name)


def filled(cause: Cause, task: StoppedTask | None, settings: Settings, secret: str = "") -> Cause:
    """A cause with its placeholders filled from a task."""
    sizes = FARGATE_MEMORY_MIB[settings.service.cpu_units]
    memory = settings.service.memory_mib
    named = _SECRET_ARN.search(task.words) if task else None
    values: dict[str, object] = {
        "env": settings.environment,
        "task": task.task_id[:8] if task else "TASK",
        "image": task.image if task else "IMAGE",
        "exit": f" with code {task.exit_code}" if task and task.exit_code is not None else "",
        "repository": settings.names.repository,
        "execution_role": settings.names.execution_role,
        "log_group": settings.names.service_log_group,
        "architecture": settings.service.architecture,
        "health_path": settings.service.health_path,
        "port": settings.service.port,
        "memory": memory,
        "more_memory": next((size for size in sizes if size > memory), memory),
        "secret": secret or (named.group() if named else "SECRET"),
    }
    remediations = tuple(remediation.filled(values) for remediation in cause.remediations)
    return replace(cause, summary=cause.summary.format(**values), remediations=remediations)
