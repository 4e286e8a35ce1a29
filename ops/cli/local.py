"""The commands ``hannibal local …``."""

import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from constructs_lib.settings_file import load_settings
from ops.exit_codes import ExitCode
from ops.local import server
from ops.local.contents import Count, count_contents
from ops.local.server import ServerStatus
from ops.local.shells import Shell, environment, export_lines
from ops.project import here

app = typer.Typer(
    name="local", no_args_is_help=True, help="AWS on this machine: start, look, end. Its data stays in a folder."
)
_output = Console()
_messages = Console(stderr=True)

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
_StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state",
        envvar="HANNIBAL_STATE",
        file_okay=False,
        help="Folder that keeps everything.",
        show_default=".hannibal in the repository",
    ),
]
_EnvironmentOption = Annotated[
    str, typer.Option("--env", envvar="HANNIBAL_ENV", help="Configuration file in config/ that names the region.")
]
_JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def _folder(state: Path | None) -> Path:
    return (state or here().root / ".hannibal").resolve()


@app.command()
def up(
    *,
    port: _PortOption = None,
    state: _StateOption = None,
    env: _EnvironmentOption = "dev",
    clock_factor: Annotated[
        float, typer.Option(min=0.1, help="Emulated seconds for each real one, where services wait.")
    ] = 1.0,
    auth: Annotated[bool, typer.Option("--auth", help="Enforce IAM policies.")] = False,
    cloudtrail: Annotated[bool, typer.Option("--cloudtrail", help="Record calls as CloudTrail events.")] = False,
    as_json: _JsonOption = False,
) -> None:
    """Start the embedded AWS in the background. If it runs, it is left alone."""
    with _messages.status("starting the embedded AWS …") as line:
        started = server.up(
            port=port,
            folder=_folder(state),
            region=load_settings(env).region,
            clock_factor=clock_factor,
            authorization=auth,
            recording=cloudtrail,
            observe=lambda seconds: line.update(f"starting the embedded AWS … {seconds:.0f} s"),
        )
    if as_json:
        _print_json({**_as_data(started.status), "was_running": started.was_running})
        return
    word = "runs already" if started.was_running else "runs"
    _output.print(f"The embedded AWS {word}: {started.status.endpoint}, pid {started.status.pid}", highlight=False)
    _output.print(f"State: {started.status.folder}", highlight=False, soft_wrap=True)
    _output.print('Next: eval "$(hannibal local env)"', highlight=False)


@app.command()
def down(
    *,
    state: _StateOption = None,
    purge: Annotated[bool, typer.Option("--purge", help="Delete all of its data as well.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """End the embedded AWS and all that it started. Its data stays, unless it is purged."""
    folder = _folder(state)
    if purge and not yes:
        size = _size(server.status(folder).state_bytes)
        typer.confirm(f"Delete everything in {folder} ({size})?", abort=True, err=True)
    ended = server.down(folder=folder)
    _output.print("The embedded AWS was not running." if ended is None else f"Ended, pid {ended.pid}.", highlight=False)
    if purge:
        server.purge(folder=folder)
        _output.print(f"Deleted the state in {folder}.", highlight=False, soft_wrap=True)


@app.command()
def status(*, state: _StateOption = None, env: _EnvironmentOption = "dev", as_json: _JsonOption = False) -> None:
    """Show whether it runs, since when, and what it holds. The exit code is 5 if it does not run."""
    current = server.status(_folder(state))
    counts = count_contents(current.endpoint, load_settings(env).region) if current.endpoint else ()
    if as_json:
        _print_json({**_as_data(current), "contents": {count.kind: count.count for count in counts}})
    else:
        _output.print(_status_table(current, counts))
    if not current.running:
        sys.exit(ExitCode.UNHEALTHY)


def _status_table(current: ServerStatus, counts: tuple[Count, ...]) -> Table:
    table = Table.grid(padding=(0, 2))
    if current.running:
        table.add_row("running", f"{current.endpoint}, pid {current.pid}, for {_duration(current.uptime_seconds or 0)}")
    else:
        table.add_row("running", "no; start it: hannibal local up")
    table.add_row("state", f"{current.folder}, {_size(current.state_bytes)}")
    for count in counts:
        table.add_row(count.kind, "does not answer" if count.count is None else str(count.count))
    return table


@app.command("env")
def print_environment(
    *,
    port: _PortOption = None,
    state: _StateOption = None,
    env: _EnvironmentOption = "dev",
    shell: Annotated[Shell, typer.Option(help="Whose syntax to print.")] = Shell.BASH,
    as_json: _JsonOption = False,
) -> None:
    """Print what makes any AWS tool talk to it: eval "$(hannibal local env)"."""
    # The server that runs knows its port better than the default does.
    wanted = environment(
        port=server.status(_folder(state)).port or port or server.DEFAULT_PORT,
        region=load_settings(env).region,
        programs=Path(sys.executable).parent,
    )
    if as_json:
        _print_json(dict(wanted.variables))
        return
    for line in export_lines(wanted, shell, path=os.environ.get("PATH", "")):
        print(line)


@app.command()
def logs(
    *,
    state: _StateOption = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until it ends, or Ctrl-C.")] = False,
) -> None:
    """Show what the embedded AWS says."""
    try:
        for line in server.logs(_folder(state), lines=lines, follow=follow):
            print(line, flush=follow)
    except KeyboardInterrupt:
        return


def _as_data(current: ServerStatus) -> dict[str, object]:
    return {**dataclasses.asdict(current), "endpoint": current.endpoint}


def _print_json(content: dict[str, object]) -> None:
    print(json.dumps(content, indent=2, default=str))


def _size(number: float) -> str:
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"


def _duration(seconds: float) -> str:
    minutes, hours = int(seconds) // 60, int(seconds) // 3600
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{int(seconds)} s"
