"""Causes that an application prints, in its libraries' words, when it lacks something that it needs here."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ops.doctor.causes import CATALOGUE, Cause, cause_named, cause_of, filled
from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence, Remediation
from ops.doctor.tasks import StoppedTask, log_tail

_CHECKLIST: Final = "docs/your-product.md"
# Where tasks stop at once, too few run, and a release without --ignore-alarms is refused.
_SHIP: Final = (
    "npx cdk deploy ComputeStack -c env={env} && hannibal release --configuration --ignore-alarms --env {env}"
)
_LOG: Final = Remediation("read its whole log", "hannibal logs --env {env} --since 2h")
_LOOK_AT_DATABASE: Final = Remediation("its log speaks of the database", "hannibal doctor database --env {env}")
_DATABASE_WORDS: Final = ("password authentication failed", "ECONNREFUSED", "ETIMEDOUT", "DATABASE_URL")
# Quotes as printed, and as escaped in a line of JSON.
_QUOTES: Final = r"[\\\\\"'`]*"
_VARIABLE: Final = r"[A-Z][A-Z0-9]*_[A-Z0-9_]+"

_MISSING_VARIABLE: Final = re.compile(
    rf"\b(?P<before>{_VARIABLE}|PORT)\b{_QUOTES} (must be (set|given|provided|defined)|(is|was|are)? ?"
    rf"(not (set|defined|given|provided|found)|required|missing|undefined|unset))\b"
    rf"|(?i:missing|required|undefined|unset|keyerror|(variable|key) not found|configuration key|resolve placeholder)"
    rf"[^\n]{{0,40}}?\b(?P<after>{_VARIABLE})\b"
)
# Errors of a running service that fails requests. Any of these terms of CloudWatch Logs selects a line; the patterns
# above decide. Errors about variables and ports occur at the start, and are found in stopped tasks.
WHILE_IT_RUNS: Final = " ".join(
    f'?"{term}"'
    for term in (
        *("does not exist", "UndefinedTable", "CORS", "CLIENT_URL", "EROFS", "Read-only file", "read-only file"),
        *("pg_hba.conf", "certificate"),
    )
)


def cause_with_log(examiner: Examiner, task: StoppedTask) -> tuple[Cause, tuple[Evidence, ...]]:
    """Why a task stopped, by ECS's reason and by its log; and its last log lines, where they help."""
    log = log_tail(examiner, task.task_id)
    cause = filled(cause_of_log(cause_of(task), (line.text for line in log)), task, examiner.settings)
    return cause, log if cause.shows_log else ()


def cause_of_log(cause: Cause, lines: Iterable[str]) -> Cause:
    """Refine ECS's cause with the last log lines of the task: some causes are only there."""
    text = "\n".join(lines)
    if "exec format error" in text:
        return cause_named("wrong-processor")
    found = printed_cause(text)
    if found is not None:
        return found
    if any(word in text for word in _DATABASE_WORDS):
        return replace(cause, remediations=(_LOOK_AT_DATABASE, *cause.remediations))
    return cause


def printed_cause(text: str) -> Cause | None:
    """The first cause whose pattern matches the printed text."""
    missing = _MISSING_VARIABLE.search(text)
    if missing:
        return _variable_missing(missing["before"] or missing["after"])
    return next((cause for cause in CATALOGUE.printed if cause.pattern.search(text)), None)


def _variable_missing(name: str) -> Cause:
    return Cause(
        name="variable-missing",
        pattern=_MISSING_VARIABLE,
        summary=f"The application reports that its variable {name} is missing.",
        remediations=(
            Remediation(
                f"add it: service.environment.{name}, or service.secrets.{name} where it is a secret, in "
                f"config/{{env}}.yaml ({_CHECKLIST}, variables), and",
                _SHIP,
            ),
            _LOG,
        ),
        shows_log=True,
    )
