"""What ends a deployment before its time."""

from dataclasses import dataclass

from embedded_aws.codedeploy.store import Record


@dataclass(eq=False)
class EarlyEnd(Exception):  # noqa: N818 - most early ends are nobody's error
    """A deployment ends before its time."""

    status: str | None  # the state it ends in; none: it does not end, but goes on after the server's next start
    code: str = ""  # code of ``errorInformation``
    message: str = ""
    event: str = ""  # the event of an automatic rollback configuration that this is
    diagnostics: Record | None = None  # of the lifecycle event that failed

    @classmethod
    def failure(cls, code: str, message: str, diagnostics: Record | None = None) -> "EarlyEnd":
        """Something went wrong."""
        return cls("Failed", code, message, "DEPLOYMENT_FAILURE", diagnostics)

    @classmethod
    def stop(cls, code: str, message: str) -> "EarlyEnd":
        """It was asked for."""
        return cls("Stopped", code, message, "DEPLOYMENT_STOP_ON_REQUEST")

    @classmethod
    def alarm(cls, message: str) -> "EarlyEnd":
        """An alarm wanted it."""
        return cls("Stopped", "ALARM_ACTIVE", message, "DEPLOYMENT_STOP_ON_ALARM")

    @classmethod
    def pause(cls) -> "EarlyEnd":
        """The server ends."""
        return cls(None)
