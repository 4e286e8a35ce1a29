"""What an examination of a subject works with, and where it notes its findings."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from ops.aws.clients import Aws
from ops.aws.errors import code_of, is_denied, is_signed_out, message_of
from ops.doctor.finding import FINDINGS, Evidence, Examination, Finding, Fix, Level, Remediation
from ops.doctor.subjects import Subject
from ops.errors import OpsError

T = TypeVar("T")
P = ParamSpec("P")


class Examiner:
    """Examines one subject."""

    def __init__(self, subject: Subject, aws: Aws, now: datetime) -> None:
        self._subject = subject
        self.aws, self.settings, self.now = aws, aws.settings, now
        self._findings: list[Finding] = []
        self._healthy: list[str] = []
        self._skipped: list[str] = []

    def add(
        self,
        cause: str,
        summary: str,
        *evidence: Evidence,
        level: Level = "trouble",
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

    def add_finding(
        self,
        cause: str,
        *evidence: Evidence,
        first: tuple[Remediation, ...] = (),
        then: tuple[Remediation, ...] = (),
        level: Level | None = None,
        fix: Fix | None = None,
        **values: object,
    ) -> None:
        """Note a finding of the catalogue.

        ``first`` and ``then`` are added before and after its own remediations; ``values`` fill its placeholders.
        """
        definition, placeholders = FINDINGS[cause], {"env": self.settings.environment, **values}
        remediations = tuple(it.filled(placeholders) for it in definition.remediations)
        self.add(
            cause,
            definition.summary.format_map(placeholders),
            *evidence,
            level=level or definition.level,
            remediations=(*first, *remediations, *then),
            fix=fix,
        )

    def healthy(self, text: str) -> None:
        """Note something that is in order."""
        self._healthy.append(text)

    def skip(self, text: str) -> None:
        """Note something that could not be examined."""
        self._skipped.append(text)

    def read(self, subject: str, reading: Callable[[], T]) -> T | None:
        """Read something; None if that fails, so that the diagnosis continues with the rest.

        A denied call is noted as skipped. Every other failure is a finding: what could not be read is not in order.

        Raises:
            ClientError, BotoCoreError: AWS no longer accepts these credentials, which is no finding.
        """
        try:
            return reading()
        except ClientError as error:
            if is_denied(error):
                self.skip(f"{subject}: these credentials may not do {error.operation_name}")
                return None
            if is_signed_out(error):
                raise
            self._unreadable(subject, f"{error.operation_name}: {message_of(error)} ({code_of(error)})")
        except (BotoCoreError, OpsError) as error:
            if isinstance(error, BotoCoreError) and is_signed_out(error):
                raise
            self._unreadable(subject, str(error))
        return None

    def _unreadable(self, subject: str, words: str) -> None:
        self.add_finding("call-failed", Evidence("AWS", words), what=subject, subject=self._subject)

    def examination(self) -> Examination:
        """Everything that was noted."""
        return Examination(
            subject=self._subject,
            findings=tuple(sorted(self._findings, key=lambda finding: finding.level == "notice")),
            healthy=tuple(self._healthy),
            skipped=tuple(self._skipped),
        )


def examination_of(
    subject: Subject,
) -> Callable[[Callable[Concatenate[Examiner, P], None]], Callable[Concatenate[Aws, datetime, P], Examination]]:
    """Make an examination of a function that gets an examiner; a failed call ends it early, but keeps its notes."""

    def decorate(
        look: Callable[Concatenate[Examiner, P], None],
    ) -> Callable[Concatenate[Aws, datetime, P], Examination]:
        @wraps(look)
        def examine(aws: Aws, now: datetime, /, *args: P.args, **kwargs: P.kwargs) -> Examination:
            examiner = Examiner(subject, aws, now)
            examiner.read("the rest of this section", lambda: look(examiner, *args, **kwargs))
            return examiner.examination()

        return examine

    return decorate
