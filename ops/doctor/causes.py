"""Why a task stopped, by ECS's reason and by what its application printed, and what corrects it."""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator, ConfigDict
from pydantic.dataclasses import dataclass

from installation import yaml_text
from installation.aws_facts.limits import FARGATE_MEMORY_MIB
from installation.settings import Settings
from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence, Remediation
from ops.doctor.tasks import log_tail
from ops.service.ecs_service import StoppedTask

NO_EGRESS: Final = "no-egress"
LOGS_MISSING: Final = "logs-missing"
SECRET_MISSING: Final = "database-url-missing"  # noqa: S105 - an identifier, no secret
SECRET_DENIED: Final = "database-url-denied"  # noqa: S105
_LOOK_AT_DATABASE: Final = Remediation("its log speaks of the database", "hannibal doctor database --env {env}")
_DATABASE_WORDS: Final = ("password authentication failed", "ECONNREFUSED", "ETIMEDOUT", "DATABASE_URL")
# tini's words begin with a capital. Of a script it is its interpreter that has the other processor, or none is named.
_WRONG_FORMAT: Final = re.compile(r"(?i)exec format error")
# Errors of a running service that fails requests. Any of these terms of CloudWatch Logs selects a line; the patterns
# above decide. Errors about variables and ports occur at the start, and are found in stopped tasks.
_TERMS: Final = (
    *("does not exist", "UndefinedTable", "CORS", "CLIENT_URL", "EROFS", "Read-only file", "read-only file"),
    *("pg_hba.conf", "certificate"),
)
WHILE_IT_RUNS: Final = " ".join(f'?"{term}"' for term in _TERMS)


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
    secret_withdrawn: Cause
    unknown: Cause
    missing_variable: Cause
    printed: tuple[Cause, ...]
    releases: dict[str, Reason]
    unknown_release: Reason


_FILE: Final = Path(__file__).parent / "data" / "causes.yaml"
CATALOGUE: Final = yaml_text.read(_FILE, _Catalogue)
_SECRET_ARN: Final = re.compile(r"arn:aws[\w-]*:secretsmanager:[\w-]+:\d+:secret:[\w/+=.@-]+")


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
    arn = _SECRET_ARN.search(task.words) if task else None
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
        "secret": secret or (arn.group() if arn else "SECRET"),
    }
    remediations = tuple(remediation.filled(values) for remediation in cause.remediations)
    return replace(cause, summary=cause.summary.format(**values), remediations=remediations)


def cause_with_log(examiner: Examiner, task: StoppedTask) -> tuple[Cause, tuple[Evidence, ...]]:
    """Why a task stopped, by ECS's reason and by its log; and its last log lines, where they help."""
    log = log_tail(examiner, task.task_id)
    cause = filled(cause_of_log(cause_of(task), (line.text for line in log)), task, examiner.settings)
    return cause, log if cause.shows_log else ()


def cause_of_log(cause: Cause, lines: Iterable[str]) -> Cause:
    """Refine ECS's cause with the last log lines of the task: some causes are only there."""
    text = "\n".join(lines)
    if _WRONG_FORMAT.search(text):
        return cause_named("wrong-processor")
    found = printed_cause(text)
    if found is not None:
        return found
    if any(word in text for word in _DATABASE_WORDS):
        return replace(cause, remediations=(_LOOK_AT_DATABASE, *cause.remediations))
    return cause


def printed_cause(text: str) -> Cause | None:
    """The first cause whose pattern matches the printed text."""
    cause = CATALOGUE.missing_variable
    if missing := cause.pattern.search(text):
        name = missing["before"] or missing["after"]
        steps = tuple(replace(it, what=it.what.replace("{variable}", name)) for it in cause.remediations)
        return replace(cause, summary=cause.summary.replace("{variable}", name), remediations=steps)
    return next((cause for cause in CATALOGUE.printed if cause.pattern.search(text)), None)
