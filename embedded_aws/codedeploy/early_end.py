"""The reasons for which a deployment ends early."""

from dataclasses import dataclass

from embedded_aws.codedeploy.store import Record


@dataclass(eq=False)
class EarlyEnd(Exception):  # noqa: N818 - most early ends are nobody's error
    """A deployment ends early."""

    status: str | None  # its final status; none: it goes on after the server's next start
    code: str = ""  # code of ``errorInformation``
    message: str = ""
    event: str = ""  # its event in an automatic rollback configuration
    diagnostics: Record | None = None  # of the lifecycle event that failed

    @classmethod
    def failure(cls, code: str, message: str, diagnostics: Record | None = None) -> "EarlyEnd":
        """The end by a failure."""
        return cls("Failed", code, message, "DEPLOYMENT_FAILURE", diagnostics)

    @classmethod
    def stop(cls, code: str, message: str) -> "EarlyEnd":
        """The end by StopDeployment."""
        return cls("Stopped", code, message, "DEPLOYMENT_STOP_ON_REQUEST")

    @classmethod
    def alarm(cls, message: str) -> "EarlyEnd":
        """The end by an alarm."""
        return cls("Stopped", "ALARM_ACTIVE", message, "DEPLOYMENT_STOP_ON_ALARM")

    @classmethod
    def pause(cls) -> "EarlyEnd":
        """The interruption by the server's own end."""
        return cls(None)
