"""`hannibal db`."""

import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.console import screen
from ops.cli.session import Session, in_session

if TYPE_CHECKING:
    from ops.service.database_connection import Connection
app = typer.Typer(name="db", no_args_is_help=True, help="The month's database.")


@app.command()
@in_session(json=None)
def connect(
    session: Session,
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="-- PSQL OPTIONS...", help="Options that psql gets.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port on this machine.", show_default="a free one")
    ] = None,
) -> None:
    """Open a tunnel to the database through a task of the service, and `psql` at its end, where it is installed.

    Without `psql`, the tunnel stays open for other clients until Ctrl-C. Needs `service.execute_command`, AWS's
    session-manager-plugin, and the developer role, whose sessions forward ports and do nothing else. The password is
    never printed: psql gets it in its environment, others in a file that is deleted at the end. On the embedded AWS the
    database is on this machine, and the connection is direct.

    Examples:
        hannibal db connect: psql in the database
        hannibal db connect -- -c 'SELECT 1': one statement
    """
    from ops.account.caller import checked_caller
    from ops.service.database_connection import opened, read_connection, run_psql
    from ops.service.signals import ended_with_terminal

    aws = session.aws
    checked_caller(aws)
    with ended_with_terminal(), opened(aws, read_connection(aws), local_port=port) as connection:
        where = f"{connection.ip_address or connection.host}:{connection.port}"
        screen.err().echo(f"{connection.database} at {where} as {connection.user}", "dim")
        code = run_psql(connection, tuple(arguments or ()))
        if code is None:
            _hold_open(connection)
            return
    raise typer.Exit(code)


def _hold_open(connection: "Connection") -> None:
    """Keep the tunnel open for other clients until Ctrl-C."""
    with _password_file(connection) as file:
        screen.err().echo("psql is not installed. Until Ctrl-C another client of libpq may connect with:")
        shown = {name: value for name, value in connection.variables.items() if name != "PGPASSWORD"}
        for name, value in {**shown, "PGPASSFILE": file}.items():
            screen.out().echo(f"export {name}={shlex.quote(value)}")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


@contextmanager
def _password_file(connection: "Connection") -> Iterator[str]:
    """A file that only this user can read, in libpq's format (PostgreSQL manual, "The Password File")."""
    from ops.stacks.scratch import scratch_folder

    with scratch_folder() as folder:  # after a kill, the next command removes it
        file = folder / "pgpass"
        file.touch(mode=0o600)
        password = connection.password.replace("\\", "\\\\").replace(":", "\\:")
        file.write_text(f"*:*:*:{connection.user}:{password}\n", encoding="utf-8")
        yield str(file)
