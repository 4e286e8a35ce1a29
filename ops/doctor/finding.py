"""What an examination finds: a cause, the evidence for it, and the command that remedies it."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

from pydantic import ConfigDict

from installation import yaml_text
from ops.aws.clients import Aws
from ops.doctor.subjects import Subject

Level = Literal["trouble", "notice"]


class Fix(Protocol):
    """A remediation that can lose no data, so that `--fix` may carry it out after asking."""

    @property
    def question(self) -> str:
        """What is about to be done, as a question to be answered with yes or no."""

    def carry_out(self, aws: Aws) -> str:
        """Carry it out; returns what was done, in one line."""


@dataclass(frozen=True)
class Evidence:
    """One fact."""

    source: str  # where it was seen, such as ``stopped reason``
    text: str  # what was seen, in AWS's own words where there are any


@dataclass(frozen=True)
class Remediation:
    """One step that remedies the cause."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # for those that are read from a file

    what: str  # what it does, or when to choose it
    command: str = ""  # ready to copy; empty where no command can do it

    def filled(self, values: dict[str, object]) -> "Remediation":
        """A copy with its placeholders in braces filled; in the command each is a word, or several, for a shell.

        Whoever can name an alarm or an image chooses such words, and an operator copies the command.
        """
        words = {
            name: shlex.join(map(str, it)) if isinstance(it, tuple) else shlex.quote(str(it))
            for name, it in values.items()
        }
        return Remediation(self.what.format_map(values), self.command.format_map(words))


@dataclass(frozen=True, kw_only=True)
class Known:
    """A finding as in ``data/findings.yaml``; its placeholders in braces are filled where it is found."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    summary: str
    level: Level = "trouble"
    remediations: tuple[Remediation, ...] = ()


_FILE: Final = Path(__file__).parent / "data" / "findings.yaml"
FINDINGS: Final = yaml_text.read(_FILE, dict[str, Known])


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that is wrong, or that an operator should know."""

    subject: Subject  # the part of the system
    cause: str  # a stable identifier for scripts, such as ``image-not-found``
    level: Level  # ``trouble`` for what an operator must act on, ``notice`` for what has passed or needs no action
    summary: str  # the likely cause in one sentence
    evidence: tuple[Evidence, ...] = ()  # why this is the likely cause
    remediations: tuple[Remediation, ...] = ()  # what to do, most likely first
    fix: Fix | None = None  # the remediation that `--fix` can carry out


@dataclass(frozen=True, kw_only=True)
class Examination:
    """The result for one subject."""

    subject: Subject  # what was examined
    findings: tuple[Finding, ...]  # troubles first
    healthy: tuple[str, ...] = ()  # what was found in order, one line each
    skipped: tuple[str, ...] = ()  # what could not be examined, with the reason

    @property
    def troubles(self) -> tuple[Finding, ...]:
        """The findings that an operator must act on."""
        return tuple(finding for finding in self.findings if finding.level == "trouble")
