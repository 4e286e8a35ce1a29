"""The commands ``hannibal local …``."""

import dataclasses
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from ops.cli.advice import own_command, shells_path
from ops.cli.console.screen import confirm, err, out, pause, print_json, print_text, size, span
from ops.cli.options import Environment, Json, Yes
from ops.cli.session import settings_of
from ops.errors import ExitCode, RefusedError, UnusableInputError
from ops.local import server, server_options
from ops.local.server_options import ServerOptions, state_option
from ops.local.shells import Shell, environment, export_lines

if TYPE_CHECKING:
    from ops.local.containers import RunningContainers
    from ops.stacks.addresses import Distribution

app = typer.Typer(
    name="local",
    no_args_is_help=True,
    help="The embedded AWS on this machine: start it, show it, end it. Its data stays in a folder.",
)


_PortOption = Annotated[
    int | None,
    typer.Option(
        "--port",
        envvar="HANNIBAL_PORT",
        min=1,
        max=65535,
        help="Port on 127.0.0.1.",
        show_default=str(server.DEFAULT_PORT),
    ),
]
_EdgePortOption = Annotated[
    int | None,
    typer.Option(
        "--edge-port",
        envvar="HANNIBAL_EDGE_PORT",
        min=1,
        max=65535,
        help="Port of CloudFront on 127.0.0.1, which a browser opens.",
        show_default="the one after --port",
    ),
]
_StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state",
        envvar="HANNIBAL_STATE",
        file_okay=False,
        help="Folder for all of its data.",
        show_default=".hannibal in the repository",
    ),
]


def _folder(state: Path | None) -> Path:
    folder = (state or server_options.USUAL_FOLDER).resolve()
    if folder.exists() and not folder.is_dir():
        raise UnusableInputError(f"{folder} is a file, not a folder", "Move it away, or name a folder: --state FOLDER")
    return folder


def _options(folder: Path, environment: str) -> str:
    """The options of folder and environment for commands in advice."""
    return state_option(folder) + ("" if environment == "dev" else f" --env {environment}")


@app.command()
def up(
    *,
    port: _PortOption = None,
    edge_port: _EdgePortOption = None,
    state: _StateOption = None,
    env: Environment = "dev",
    clock_factor: Annotated[
        float, typer.Option(min=0.1, help="How many seconds of AWS pass in one real second, where services wait.")
    ] = 1.0,
    typical_durations: Annotated[
        bool,
        typer.Option(
            "--typical-durations", help="CloudFormation takes as long for each resource as on AWS, by that clock."
        ),
    ] = False,
    auth: Annotated[bool, typer.Option("--auth", help="Enforce IAM policies and verify signatures.")] = False,
    cloudtrail: Annotated[bool, typer.Option("--cloudtrail", help="Record calls as CloudTrail events.")] = False,
    containers: Annotated[
        bool, typer.Option("--containers", help="Run the tasks' containers in Podman or Docker, whichever is found.")
    ] = False,
    engine: Annotated[
        Literal["podman", "docker"] | None,
        typer.Option(help="Run them in this engine, and fail without it.", show_default="none"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Start the embedded AWS in the background. If it runs already, nothing changes.

    With --containers, tasks of images from `hannibal image build` run as containers on this machine. Without it, or
    without an engine, a built-in sample service answers in place of each task.
    """
    options = ServerOptions(
        region=settings_of(env).region,
        port=port,
        edge_port=edge_port,
        clock_factor=clock_factor,
        typical_durations=typical_durations,
        authorization=auth,
        recording=cloudtrail,
        containers=engine or ("any" if containers else "none"),
    )
    folder = _folder(state)
    with err().status("starting the embedded AWS …") as waiting:
        started = server.up(
            folder, options, lambda seconds: waiting.update(f"starting the embedded AWS … {seconds:.0f} s")
        )
    running = _ask_engine(started.status.endpoint, folder)
    if as_json:
        print_json(
            {**_as_data(started.status), "was_running": started.was_running, "engine": running and running.engine}
        )
        return
    word = "runs already" if started.was_running else "runs"
    out().echo(f"The embedded AWS {word}: {started.status.endpoint}, pid {started.status.pid}")
    out().echo(f"State: {started.status.folder}")
    if started.was_running and options.kept:
        kept = " ".join(started.status.options) or "none"
        again = f"hannibal local down{state_option(folder)}, then up again"
        out().echo(f"It keeps its options: {kept}. To change them: {again}")
    if running is not None and (containers or engine or running.engine):
        out().echo(_containers_line(running, folder, was_running=started.was_running))
    out().echo(f'Next: eval "$({own_command()} local env{_options(folder, env)})"')


def _ask_engine(endpoint: str | None, folder: Path) -> "RunningContainers | None":
    """Running containers; None where the embedded AWS does not run, or cannot answer, such as on a full disk."""
    from ops.local.containers import ask_engine

    try:
        return None if endpoint is None else ask_engine(endpoint)
    except RefusedError as error:
        err().echo(f"{error.problem}. See why: {own_command()} local logs{state_option(folder)}", "yellow")
        return None


def _containers_line(runs: "RunningContainers", folder: Path, *, was_running: bool) -> str:
    if runs.engine is not None:
        return f"Containers: {runs.engine}"
    text = f"Containers: sample services replace them, because there is no engine: {runs.reason}"
    again = f"To change that: hannibal local down{state_option(folder)}, then up again"
    return f"{text}. {again}" if was_running else text


@app.command()
def down(
    *,
    state: _StateOption = None,
    purge: Annotated[bool, typer.Option("--purge", help="Delete all of its data as well.")] = False,
    yes: Yes = False,
) -> None:
    """End the embedded AWS and all that it started. Its data stays, unless it is purged."""
    folder = _folder(state)
    if purge:
        confirm(f"Delete everything in {folder} ({size(server.status(folder).state_bytes)})?", yes=yes)
    ended = server.down(folder=folder)
    out().echo("The embedded AWS was not running." if ended is None else f"Ended, pid {ended.pid}.")
    if purge:
        server.purge(folder=folder)
        out().echo(f"Deleted the state in {folder}.")


@app.command()
def status(*, state: _StateOption = None, env: Environment = "dev", as_json: Json = False) -> None:
    """Show whether it runs, since when, and what it holds. Exit code 5 if it does not run or does not answer."""
    from ops.local.contents import count_contents
    from ops.local.credentials import read_credentials
    from ops.stacks.addresses import read_distributions

    folder = _folder(state)
    current, region = server.status(folder), settings_of(env).region
    running = _ask_engine(None if current.stopped else current.endpoint, folder)
    endpoint = current.endpoint if running else None  # if it does not answer, it is not asked again
    distributions = read_distributions(endpoint) if endpoint else ()
    contents = count_contents(endpoint, region, read_credentials(folder)) if endpoint else {}
    if as_json:
        engine = running and running.engine
        print_json({**_as_data(current), "engine": engine, "contents": contents, "distributions": distributions})
    else:
        out().print(_status_table(current, running, contents, distributions, _options(folder, env)))
    if running is None:
        sys.exit(ExitCode.UNHEALTHY)


def _status_table(
    current: server.ServerStatus,
    running: "RunningContainers | None",
    contents: Mapping[str, int | None],
    distributions: "tuple[Distribution, ...]",
    options: str,
) -> Table:
    table = Table.grid(padding=(0, 2))
    if current.running:
        uptime = span(timedelta(seconds=current.uptime_seconds or 0))
        stopped = f", stopped; continue it with: kill -CONT {current.pid}" if current.stopped else ""
        table.add_row("running", f"{current.endpoint}, pid {current.pid}, for {uptime}{stopped}")
    else:
        table.add_row("running", f"no; start it: {own_command()} local up{options}")
    if current.options:
        table.add_row("options", " ".join(current.options))
    for distribution in distributions:
        table.add_row("open", f"{distribution.url}, for {distribution.domain_name}")
    table.add_row("state", f"{current.folder}, {size(current.state_bytes)}")
    if running is not None:
        table.add_row(
            "containers", f"{running.engine}, {len(running.containers)}" if running.engine else "none: no engine"
        )
    for kind, count in contents.items():
        table.add_row(kind, "does not answer" if count is None else str(count))
    return table


@app.command("env")
def print_environment(
    *,
    port: _PortOption = None,
    state: _StateOption = None,
    env: Environment = "dev",
    shell: Annotated[Shell, typer.Option(help="Whose syntax to print.")] = Shell.BASH,
    as_json: Json = False,
) -> None:
    """Print the variables that point any AWS tool to it: eval "$(hannibal local env)"."""
    from ops.local.credentials import read_credentials

    folder = _folder(state)
    # A running server's port may differ from the default.
    current = server.status(folder)
    if not current.running:
        # The default port may be another checkout's.
        err().echo(
            f"The embedded AWS of {folder} does not run. First: {own_command()} local up{_options(folder, env)}",
            "yellow",
        )
    variables = environment(
        credentials=read_credentials(folder),
        port=current.port or port or server.DEFAULT_PORT,
        region=settings_of(env).region,
    )
    if as_json:
        print_json(variables)
        return
    for text in export_lines(variables, shell, programs=str(Path(sys.executable).parent), path=shells_path()):
        print(text)


@app.command()
def logs(
    *,
    state: _StateOption = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until it ends, or Ctrl-C.")] = False,
) -> None:
    """Show the log of the embedded AWS."""
    try:
        for text in server.logs(_folder(state), lines=lines, follow=follow, sleep=pause):
            print_text(text, flush=follow)
    except KeyboardInterrupt:
        return


def _as_data(current: server.ServerStatus) -> dict[str, object]:
    return {**dataclasses.asdict(current), "endpoint": current.endpoint}
