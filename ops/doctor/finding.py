"""What an examination finds: a cause, the evidence for it, and the command that remedies it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Concatenate, Final, Literal, ParamSpec, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ConfigDict, TypeAdapter

from installation.settings import Settings
from installation.yaml_text import parsed
from ops.aws.clients import Aws
from ops.aws.errors import code_of, is_denied
from ops.doctor.subjects import Subject
from ops.errors import OpsError

T = TypeVar("T")
P = ParamSpec("P")
Level = Literal["trouble", "notice"]


class Fix(Protocol):
    """A remediation that can lose nothing, so that `--fix` may carry it out after asking."""

    @property
    def question(self) -> str:
        """What is about to be done, as a question that can be answered with yes."""

    def carry_out(self, aws: Aws) -> str:
        """Do it.

        Returns:
            What was done, in one line.
        """


@dataclass(frozen=True)
class Evidence:
    """One fact."""

    source: str  # where it was seen, such as ``stopped reason``
    text: str  # what was seen, where AWS says it in AWS's own words


@dataclass(frozen=True)
class Remediation:
    """One step that remedies the cause."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # where it is read from a file

    what: str  # what it does, or when to choose it
    command: str = ""  # ready to copy; empty where no command can do it

    def filled(self, values: dict[str, object]) -> "Remediation":
        """The same with what it names in braces."""
        return Remediation(self.what.format_map(values), self.command.format_map(values))


@dataclass(frozen=True, kw_only=True)
class Known:
    """A finding as ``data/findings.yaml`` has it; what stands in braces is filled where it is found."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    summary: str
    level: Level = "trouble"
    remediations: tuple[Remediation, ...] = ()


_FILE: Final = Path(__file__).parent / "data" / "findings.yaml"
FINDINGS: Final = TypeAdapter(dict[str, Known]).validate_python(parsed(_FILE.read_text(encoding="utf-8")))


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that is wrong, or worth knowing."""

    subject: Subject  # the part of the system
    cause: str  # a stable word for scripts, such as ``image-not-found``
    level: Level  # ``trouble`` for what an operator must act on, ``notice`` for what has passed or needs no action
    summary: str  # the likely cause in one sentence
    evidence: tuple[Evidence, ...] = ()  # why this is thought to be the cause
    remediations: tuple[Remediation, ...] = ()  # what to do, the likeliest first
    fix: Fix | None = None  # the one of them that `--fix` can carry out


@dataclass(frozen=True, kw_only=True)
class Examination:
    """One subject, looked at."""

    subject: Subject  # what was looked at
    findings: tuple[Finding, ...]  # troubles first
    healthy: tuple[str, ...] = ()  # what was found in order, one line each
    skipped: tuple[str, ...] = ()  # what could not be looked at, with the reason

    @property
    def troubles(self) -> tuple[Finding, ...]:
        """What an operator must act on."""
        return tuple(finding for finding in self.findings if finding.level == "trouble")


class Notes:
    """Takes notes while a subject is examined."""

    def __init__(self, subject: Subject, environment: str) -> None:
        self._subject = subject
        self._environment = environment
        self._findings: list[Finding] = []
        self._healthy: list[str] = []
        self._skipped: list[str] = []

    def add(
        self,
        cause: str,
        summary: str,
        *,
        level: Level = "trouble",
        evidence: tuple[Evidence, ...] = (),
        remediations: tuple[Remediation, ...] = (),
        fix: Fix | None = None,
    ) -> None:
        """Note a finding."""
        self._findings.append(
            Finding(
                subject=self._subject,
                cause=cause,
                level=level,
                summary=summary,
                evidence=evidence,
                remediations=remediations,
                fix=fix,
            )
        )

    def found(
        self,
        cause: str,
        *,
        evidence: tuple[Evidence, ...] = (),
        first: tuple[Remediation, ...] = (),
        then: tuple[Remediation, ...] = (),
        level: Level | None = None,
        fix: Fix | None = None,
        **values: object,
    ) -> None:
        """Note a finding of the catalogue.

        Args:
            cause: its word there.
            evidence: why this is thought to be the cause.
            first: remediations before those of the catalogue.
            then: remediations after those.
            level: where it is another than the catalogue's.
            fix: the remediation that `--fix` can carry out.
            values: what the catalogue names in braces.
        """
        known, filling = FINDINGS[cause], {"env": self._environment, **values}
        remediations = tuple(it.filled(filling) for it in known.remediations)
        self.add(
            cause,
            known.summary.format_map(filling),
            level=level or known.level,
            evidence=evidence,
            remediations=(*first, *remediations, *then),
            fix=fix,
        )

    def healthy(self, text: str) -> None:
        """Note something that is in order."""
        self._healthy.append(text)

    def skip(self, text: str) -> None:
        """Note something that could not be looked at."""
        self._skipped.append(text)

    def read(self, what: str, reading: Callable[[], T]) -> T | None:
        """Read something, and go on without it if that fails: half a diagnosis is better than none.

        What these credentials may not see is skipped, with a note. Every other failure is a finding: what could not be
        looked at is not in order.

        Returns:
            What was read; None, and a note, where the call failed.
        """
        try:
            return reading()
        except ClientError as error:
            if is_denied(error):
                self.skip(f"{what}: these credentials may not do {error.operation_name}")
                return None
            message = error.response["Error"].get("Message", "")
            self._unreadable(what, f"{error.operation_name}: {message} ({code_of(error)})")
        except BotoCoreError as error:
            self._unreadable(what, str(error))
        except OpsError as error:
            self._unreadable(what, str(error))
        return None

    def _unreadable(self, what: str, words: str) -> None:
        self.found("call-failed", evidence=(Evidence("AWS", words),), what=what, subject=self._subject)

    def build(self) -> Examination:
        """Make an examination of everything that was noted."""
        return Examination(
            subject=self._subject,
            findings=tuple(sorted(self._findings, key=lambda finding: finding.level == "notice")),
            healthy=tuple(self._healthy),
            skipped=tuple(self._skipped),
        )


def section(
    subject: Subject,
) -> Callable[
    [Callable[Concatenate[Notes, Aws, Settings, P], None]], Callable[Concatenate[Aws, Settings, P], Examination]
]:
    """Make an examination of a function that takes notes; a call that fails ends it early, and loses no note."""

    def decorate(
        look: Callable[Concatenate[Notes, Aws, Settings, P], None],
    ) -> Callable[Concatenate[Aws, Settings, P], Examination]:
        @wraps(look)
        def examine(aws: Aws, settings: Settings, /, *args: P.args, **kwargs: P.kwargs) -> Examination:
            notes = Notes(subject, settings.environment)
            notes.read("the rest of this section", lambda: look(notes, aws, settings, *args, **kwargs))
            return notes.build()

        return examine

    return decorate
