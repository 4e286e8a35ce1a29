"""`hannibal rollback`."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ops.cli import options
from ops.cli.commands.release import Detach, JsonLines, ModeOption, carry_out
from ops.cli.console import screen
from ops.cli.console.agreement import agreed, checked_caller
from ops.cli.session import connected, polling_for, settings_of
from ops.errors import RefusedError
from ops.release.timing import Mode

if TYPE_CHECKING:
    from installation.settings import Settings
    from ops.aws.clients import Aws
    from ops.service.deployments import RunningDeployment


def rollback(
    to: Annotated[
        str | None,
        typer.Option(
            metavar="REVISION|IMAGE",
            help="Where to go back to: an image, or the number of a revision of `hannibal releases`.",
            show_default="what served before",
        ),
    ] = None,
    mode: ModeOption = Mode.BLUEGREEN,
    detach: Detach = False,
    env: options.Environment = "dev",
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: JsonLines = False,
) -> None:
    """Take a running release back, or release what served before again. Alarms do not stand in the way of it.

    While a release runs, it is stopped, and all traffic is on the old tasks again within seconds. After that, going
    back is a release of its own: of image and configuration as they were. An image that is named, or one of an earlier
    month, gets the configuration that is deployed today.

    Examples:
        hannibal rollback: stop the running release, or go back to what served before
        hannibal rollback --to 7: to image and configuration of revision 7
    """
    from ops.release.plan import plan_release
    from ops.release.rollback import running_release, what_to_go_back_to

    settings = settings_of(env)
    console = screen.err() if json else screen.out()
    with connected(settings) as aws:
        running = running_release(aws, settings)
        if running is not None:
            if to is not None:
                raise RefusedError(
                    f"a release is running ({running.deployment_id}), and it is stopped without choosing an image",
                    "Take it back first: `hannibal rollback`, then go further back with --to.",
                )
            _stop(aws, settings, running, console, dry_run=dry_run, detach=detach, yes=yes, json=json)
            return
        earlier = what_to_go_back_to(aws, settings, to)
        plan = plan_release(aws, settings, earlier.image, mode, like=earlier.like, ignore_alarms=True, back=True)
        carry_out(aws, settings, plan, console, again=False, dry_run=dry_run, detach=detach, yes=yes, json=json)


def _stop(
    aws: "Aws",
    settings: "Settings",
    running: "RunningDeployment",
    console: Console,
    *,
    dry_run: bool,
    detach: bool,
    yes: bool,
    json: bool,
) -> None:
    from ops.cli.console.release_watch import conclude, watch_release
    from ops.release.deployment import stop_deployment
    from ops.release.watch import Outcome

    caller = checked_caller(aws, settings, console)
    screen.line(console, f"Stop     {running.deployment_id}, which is {running.status}", "bold")
    if running.creator == "codeDeployRollback":
        raise RefusedError(
            f"{running.deployment_id} is a rollback already; stopping it would leave traffic in the middle",
            "Watch it: `hannibal status`",
        )
    if not agreed(console, dry_run=dry_run, yes=yes, question="Stop it and have all traffic go back?"):
        return
    stop_deployment(aws.codedeploy, running.deployment_id)
    if detach:
        screen.line(console, "Stopped; traffic goes back by itself: `hannibal status`")
        return
    result = watch_release(
        aws, settings, running.deployment_id, console=console, polling=polling_for(caller.endpoint), json=json
    )
    conclude(console, result, json=json, wanted=Outcome.ROLLED_BACK)
