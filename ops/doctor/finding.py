"""What an examination finds: a cause, the evidence for it, and the command that remedies it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

from pydantic import ConfigDict

from installation import yaml_text
from ops.aws.clients import Aws
from ops.doctor.subjects import Subject

Level = Literal["trouble", "notice"]


class Fix(Protocol):
    """A remediation that can lose nothing, so that `--fix` may carry it out after asking."""

    @property
    def question(self) -> str:
        """What is about to be done, as a question that can be answered with yes."""

    def carry_out(self, aws: Aws) -> str:
        """Do it; returns what was done, in one line."""


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
FINDINGS: Final = yaml_text.read(_FILE, dict[str, Known])


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
