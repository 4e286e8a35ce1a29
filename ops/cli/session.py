"""What nearly every command begins with: the settings of an environment, and clients of AWS."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ops.errors import UnusableInputError

if TYPE_CHECKING:
    from rich.console import Console

    from installation.settings import Settings
    from ops.aws.clients import Aws
    from ops.aws.polling import Polling
    from ops.stacks.checkout import Project


def settings_of(environment: str) -> "Settings":
    """The settings of an environment.

    Raises:
        UnusableInputError: there is no such environment, or its file does not fit.
    """
    from installation.settings_file import SettingsError, load_settings

    try:
        return load_settings(environment)
    except SettingsError as error:
        raise UnusableInputError(str(error)) from error


@contextmanager
def connected(settings: "Settings") -> Iterator["Aws"]:
    """AWS in the region of the settings; its errors become lines that say what to do."""
    from ops.aws.clients import Aws
    from ops.aws.errors import translated_errors

    with translated_errors():
        yield Aws(region=settings.region)


def wait_for_other_run(aws: "Aws", project: "Project", console: "Console") -> None:
    """Wait for a CDK that an earlier command left behind when it was killed, before anything is planned."""
    from ops.account.caller import identify
    from ops.cli.console import screen
    from ops.errors import CancelledError
    from ops.stacks import other_run

    told: set[str] = set()

    def tell(text: str) -> None:
        if text not in told:
            told.add(text)
            screen.line(console, text, "yellow")

    caller = identify(aws)
    try:
        lock = other_run.lock_file(project, caller.account, caller.region)
        other_run.wait_for_other_run(lock, tell, polling_for(caller.endpoint))
    except KeyboardInterrupt:
        raise CancelledError("interrupted while waiting for another run of the CDK, which goes on") from None


def polling_for(endpoint: str | None) -> "Polling":
    """The embedded AWS works in seconds and limits no calls, so it is watched more closely."""
    from ops.aws.polling import Polling

    return Polling() if endpoint is None else Polling(seconds=0.5)
