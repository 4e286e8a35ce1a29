"""`hannibal secrets list`, `set` and `remove`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ops.cli.console import screen
from ops.cli.session import Session, changing, in_session
from ops.errors import RefusedError, UnusableInputError

if TYPE_CHECKING:
    from ops.service.secrets import StoredSecret, Use

app = typer.Typer(name="secrets", no_args_is_help=True, help="Secrets of the containers, kept across months.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the secret, as {kept: NAME} in the settings.")]


@app.command("list")
@in_session()
def list_secrets(session: Session) -> None:
    """Show which secrets are kept, since when, and which variables get them; never their values."""
    from ops.service.secret_checks import missing_secrets
    from ops.service.secrets import read_secrets, uses

    aws, settings = session.aws, session.settings
    session.require_own()
    stored = read_secrets(aws)
    missing = missing_secrets(aws)
    used_by = uses(settings)
    if session.json:
        screen.print_json({"kept": stored, "used": used_by, "missing": missing})
        return
    console = session.console
    if stored:
        console.print(_table(stored, used_by))
    else:
        console.echo("No secret is kept. `hannibal secrets set NAME` sets one.")
    for line in missing:
        console.echo(f"missing: {line}", "yellow")


@app.command("set")
@in_session()
def set_secret(session: Session, name: Name) -> None:
    """Set a secret: a prompt that shows nothing asks for the value, or standard input holds it.

    It is stored encrypted in Parameter Store, at no cost, and stays between months. Tasks read it when they start. A
    line feed at the end of standard input is not part of it, nor is a byte order mark at its beginning.

    Examples:
        hannibal secrets set jwt: asks for the value twice, and shows nothing
        openssl rand -base64 32 | hannibal secrets set jwt: takes it from standard input
        hannibal secrets set tls-key < key.pem: takes it from a file
    """
    from ops.service.secrets import require_name, store_secret, uses

    require_name(name)
    session.checked_caller()
    version = store_secret(session.aws, name, _value(name))
    users = [use.text for use in uses(session.settings) if use.source.kept == name]
    if session.json:
        screen.print_json({"name": name, "version": version, "used": users})
        return
    session.echo(f"{name} is set (version {version}).", "green")
    if users:
        session.echo(f"{' and '.join(users)} gets it when a task starts: with the next release at the latest.")
    else:
        session.echo(f"No variable gets it yet: NAME: {{kept: {name}}} below service.secrets in the settings.")


@app.command("remove")
@changing
def remove_secret(session: Session, name: Name) -> None:
    """Delete a secret with all its versions. Refused while the settings name it, or tasks of the service get it."""
    from ops.release.secret_removal import plan_removal, remove

    session.checked_caller()
    secret = plan_removal(session.aws, name)
    session.echo(f"{name}: version {secret.version}, set {secret.changed:%Y-%m-%d %H:%M %Z} by {secret.by}")
    removed = session.confirmed(typed=name)
    if removed:
        remove(session.aws, secret)
        session.echo(f"{name} is removed.")
    if session.json:
        screen.print_json({"secret": secret, "removed": removed})


def _value(name: str) -> str:
    """The value, typed twice and hidden, or from standard input without the end of its last line.

    RefusedError where none is typed, UnusableInputError where standard input is no text.
    """
    if sys.stdin.isatty():
        try:
            typed: str = typer.prompt(
                f"Value of {name}", hide_input=True, confirmation_prompt=True, err=True, default="", show_default=False
            )
        except typer.Abort:
            raise RefusedError("no value was given; nothing was set") from None
        return typed
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableInputError("standard input is no UTF-8 text; nothing was set") from None
    return text.removesuffix("\n").removesuffix("\r")


def _table(secrets: "tuple[StoredSecret, ...]", secret_uses: "tuple[Use, ...]") -> Table:
    table = screen.table("SECRET", "VERSION", "SET", "BY", "VARIABLES", folded=("VARIABLES",))
    for one in secrets:
        variables = ", ".join(use.text for use in secret_uses if use.source.kept == one.name)
        when = f"{one.changed:%Y-%m-%d %H:%M}"
        table.add_row(one.name, str(one.version), when, one.by.rpartition("/")[2], variables or "none")
    return table
