"""`hannibal preflight`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console

from ops.cli import options
from ops.cli.console import screen
from ops.cli.session import open_session
from ops.errors import refuse

if TYPE_CHECKING:
    from installation.settings import Settings
    from ops.aws.clients import Aws
    from ops.month.preflight import Preflight
    from ops.stacks.checkout import Checkout


def preflight(
    assembly: options.Assembly = None,
    env: options.Environment = "dev",
    json: options.Json = False,
) -> None:
    """Say whether the templates can be deployed into the running month without touching its traffic.

    Compares the live stack with the templates about to be deployed: service, listeners and target groups belong to
    CodeDeploy until the month ends. Each refusal comes with the way out. `hannibal start` runs this first.

    Examples:
        hannibal preflight: synthesizes, compares, says what stands in the way
        hannibal preflight --assembly cdk.out: with templates that are there already
    """
    from ops.stacks.checkout import here

    with open_session(env, json=json) as session:
        session.checked_caller()
        with compared(session.aws, session.settings, here(), assembly) as (found, _):
            pass
    if json:
        screen.print_json(found)
    show(session.console, found)
    refuse(found.refusals)
    session.say("Nothing stands in the way of a deployment.", "green")


@contextmanager
def compared(
    aws: "Aws", settings: "Settings", checkout: "Checkout", assembly: Path | None, *, always: bool = False
) -> Iterator[tuple["Preflight", Path | None]]:
    """Compare with the given templates, or with those that this checkout makes, where there is something to compare.

    Args:
        assembly: the given templates.
        always: make the templates even where there is nothing to compare, for who reads more in them.

    Yields:
        What was found, and the folder with the compared templates, None where none were needed. It is there until the
        block ends, so that what is deployed in it is what was compared.

    Raises:
        FailedError: the application cannot be synthesized.
        UnusableInputError: the given templates are not this installation's.
    """
    from ops.month.preflight import check_deployment, needs_templates
    from ops.stacks.cdk import synthesize
    from ops.templates.environment import require_assembly

    if assembly is not None:
        require_assembly(assembly, settings)
    if assembly is not None or not (always or needs_templates(aws)):
        yield check_deployment(aws, settings, assembly), assembly
        return
    with TemporaryDirectory(prefix="hannibal-preflight-") as scratch:
        folder = Path(scratch, "cdk.out")
        synthesize(checkout, settings.environment, folder)
        yield check_deployment(aws, settings, folder), folder


def show(console: Console, found: "Preflight") -> None:
    """What was found, but for the refusals."""
    for note in found.notes:
        screen.line(console, f"Preflight: {note}")
