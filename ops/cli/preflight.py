"""`hannibal preflight`."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ops.cli import options, screen
from ops.cli.session import connected, settings_of
from ops.errors import RefusedError

if TYPE_CHECKING:
    from constructs_lib.settings import Settings
    from ops.aws import Aws
    from ops.preflight import Preflight
    from ops.project import Project


def preflight(
    assembly: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Templates to compare.", show_default="synthesized from this checkout"),
    ] = None,
    env: options.Environment = "dev",
    json: options.Json = False,
) -> None:
    """Say whether the templates can be deployed into the running month without touching its traffic.

    Compares the live stack with the templates about to be deployed: service, listeners and target groups belong to
    CodeDeploy until the month ends. Each refusal comes with the way out. `hannibal start` runs this first.
    """
    from ops.account import check, identify
    from ops.cli.start import show_caller
    from ops.project import here

    settings = settings_of(env)
    console = screen.err() if json else screen.out()
    with connected(settings) as aws:
        caller = identify(aws)
        check(caller, settings, aws.configured_region)
        show_caller(console, caller, env)
        found = look(aws, settings, here(), assembly)
    if json:
        screen.print_json(found)
    show(console, found)
    if found.refusals:
        raise RefusedError(*found.refusals)
    screen.line(console, "Nothing stands in the way of a deployment.", "green")


def look(aws: "Aws", settings: "Settings", project: "Project", assembly: Path | None = None) -> "Preflight":
    """Compare with the given templates, or with those that this checkout makes, where there is something to compare.

    Raises:
        FailedError: the application cannot be synthesized.
    """
    from ops.cost.synthesis import synthesize
    from ops.preflight import check_deployment, needs_templates

    if assembly is not None or not needs_templates(aws):
        return check_deployment(aws, settings, assembly)
    with TemporaryDirectory(prefix="hannibal-preflight-") as folder:
        synthesize(project, {Path(folder): settings})
        return check_deployment(aws, settings, Path(folder))


def show(console: Console, found: "Preflight") -> None:
    """What was found, but for the refusals."""
    for note in found.notes:
        screen.line(console, f"Preflight: {note}")
