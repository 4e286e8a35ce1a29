"""`hannibal exec`."""

from typing import Annotated

import typer

from ops.cli.console import screen
from ops.cli.session import Session, in_session


@in_session(json=None)
def exec_(
    session: Session,
    command: Annotated[str, typer.Argument(metavar="COMMAND", help="Command to run.")] = "/bin/sh",
    task: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="A task: its id, or the beginning of it.", show_default="the one that was started last"
        ),
    ] = None,
) -> None:
    """Open a shell in a running task, where service.execute_command allows it. The session is recorded in the log.

    On the embedded AWS the container engine opens the shell, and the session is not recorded.
    """
    from ops.account.caller import checked_caller
    from ops.local.containers import find_container, open_local_shell
    from ops.service.shell import find_target, open_shell, require_plugin

    aws, settings = session.aws, session.settings
    checked_caller(aws)
    target = find_target(aws, task)
    if aws.endpoint is not None:
        engine, container_id = find_container(aws.endpoint, settings.names.container, target.task_arn)
        screen.err().echo(f"{command} in task {target.task_id}, in {engine.engine}", "dim")
        raise typer.Exit(open_local_shell(engine, container_id, command))
    plugin = require_plugin()
    screen.err().echo(f"{command} in task {target.task_id}; the session is recorded", "dim")
    raise typer.Exit(open_shell(aws, target, command, plugin))
