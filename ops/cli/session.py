"""The beginning of nearly every command: an environment's settings, AWS clients, and a session with both."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec

from ops.cli import options
from ops.cli.advice import DEFAULT_ENVIRONMENT
from ops.cli.console import screen
from ops.errors import OpsError, UnusableInputError, refuse

if TYPE_CHECKING:
    from installation.settings import Settings
    from ops.account.caller import Caller
    from ops.aws.clients import Aws
    from ops.cli.console.screen import Console
    from ops.stacks.checkout import Checkout
    from ops.stacks.watch import Watching

P = ParamSpec("P")


def settings_of(environment: str) -> "Settings":
    """The settings of an environment; UnusableInputError where it does not exist, or its file is invalid."""
    from installation.settings.file import SettingsError, load_settings

    try:
        return load_settings(environment)
    except SettingsError as error:
        raise UnusableInputError(str(error)) from error


@contextmanager
def connected(settings: "Settings") -> Iterator["Aws"]:
    """AWS clients for the settings' region; AWS's errors become messages with advice."""
    from ops.aws.clients import Aws
    from ops.aws.errors import translated_errors

    try:
        with translated_errors():
            aws = Aws(settings)
            aws.notify = lambda text: screen.err().echo(text, "dim")
            yield aws
    except OpsError as error:
        error.environment = settings.environment
        raise


@dataclass(frozen=True, kw_only=True)
class Session:
    """The clients and options of a command, and the steps between its plan and carrying the plan out."""

    aws: "Aws"  # the installation of its environment
    console: "Console"  # for its messages: stderr where the result is JSON
    json: bool  # whether the result is JSON on stdout
    dry_run: bool  # whether it must change nothing
    yes: bool  # whether the user has agreed already

    @property
    def settings(self) -> "Settings":
        """The installation's settings."""
        return self.aws.settings

    @property
    def environment(self) -> str:
        """The environment's name."""
        return self.settings.environment

    def echo(self, text: str, style: str = "") -> None:
        """Print one line."""
        self.console.echo(text, style)

    def checked_caller(self) -> "Caller":
        """Show and return the caller; refused in another account or region than the settings'."""
        from ops.account.caller import checked_caller
        from ops.cli.console.plan import show_caller

        caller = checked_caller(self.aws)
        show_caller(self.console, caller, self.settings.environment)
        return caller

    def require_own(self) -> None:
        """Check that the account has no other installation, before its data is shown; else RefusedError."""
        from ops.account.caller import own_caller

        own_caller(self.aws)

    def refuse_unless_dry_run(self, refusals: tuple[str, ...]) -> None:
        """Refuse a plan by RefusedError before it is shown: a shown plan seems about to be carried out.

        A dry run still shows it, with the refusals below.
        """
        if not self.dry_run:
            refuse(refusals)

    def confirmed(
        self, *, question: str = "", typed: str = "", refusals: tuple[str, ...] = (), changes: bool = True
    ) -> bool:
        """Refuse a plan, end a dry run, or ask; returns whether the plan is to be carried out.

        Args:
            typed: a name to type instead of "y".
            changes: whether the plan changes anything; otherwise no answer is needed.

        Raises:
            RefusedError: there is a reason against it, the user does not agree, or nobody is there to ask.
        """
        refuse(refusals)
        if self.dry_run:
            self.echo("Dry run: nothing was changed.")
            return False
        if typed:
            screen.confirm_typed(typed, yes=self.yes or not changes)
        else:
            screen.confirm(question, yes=self.yes or not changes)
        return True

    @contextmanager
    def watched(self, command: str) -> "Iterator[Watching]":
        """Show stacks while they change. Ctrl-C ends the command, and prints what continues and how to run it again."""
        from ops.cli.console.stack_progress import stack_progress_shown
        from ops.stacks.watch import interruptible

        with interruptible(command), stack_progress_shown(self.console) as watching:
            yield watching


def in_session(
    *, dry_run: bool = False, yes: bool = False, json: object = options.Json
) -> "Callable[[Callable[Concatenate[Session, P], None]], Callable[..., None]]":
    """Make a command of a function that needs a session; the session's options follow its own.

    `json` is its option ``--json``; None for a command without it.
    """
    shared: dict[str, tuple[object, object]] = {"env": (options.Environment, DEFAULT_ENVIRONMENT)}
    shared |= {"dry_run": (options.DryRun, False)} if dry_run else {}
    shared |= {"yes": (options.Yes, False)} if yes else {}
    shared |= {"json": (json, False)} if json is not None else {}
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in shared.items()
    ]

    def decorate(work: "Callable[Concatenate[Session, P], None]") -> "Callable[..., None]":
        @wraps(work)
        def command(*args: Any, **own: Any) -> None:
            given = {"json": False, "dry_run": False, "yes": False} | {name: own.pop(name) for name in shared}
            console = screen.err() if given["json"] else screen.out()
            with connected(settings_of(given.pop("env"))) as aws:
                work(Session(aws=aws, console=console, **given), *args, **own)

        signature = inspect.signature(work)
        _, *parameters = signature.parameters.values()
        command.__signature__ = signature.replace(parameters=[*parameters, *added])  # type: ignore[attr-defined] # typer reads it
        return command

    return decorate


changing: Final = in_session(dry_run=True, yes=True)


@contextmanager
def templates_of(settings: "Settings", assembly: Path | None) -> Iterator[Path]:
    """The given folder of templates; None: a folder with this checkout's templates, until the block ends."""
    from ops.stacks.checkout import this_checkout
    from ops.stacks.scratch import scratch_folder
    from ops.stacks.synthesis import synthesize

    if assembly is not None:
        yield assembly
        return
    with scratch_folder() as scratch:
        folder = scratch / "cdk.out"
        synthesize(this_checkout(), {folder: settings})
        yield folder


def wait_for_cdk_lock(session: Session, checkout: "Checkout") -> None:
    """Wait, before anything is planned, for a CDK that a killed command left behind."""
    from ops.account.caller import identify
    from ops.aws.polling import without_repeats
    from ops.errors import CancelledError
    from ops.stacks import cdk_lock

    notify = without_repeats(lambda text: session.echo(text, "yellow"))
    caller = identify(session.aws)
    try:
        cdk_lock.wait_until_free(cdk_lock.lock_file(checkout, caller.place), notify, session.aws.polling)
    except KeyboardInterrupt:
        raise CancelledError("interrupted while waiting for another run of the CDK, which continues") from None
