"""`hannibal rollback`."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.commands.release import Detach, ModeOption, carry_out, releasing
from ops.cli.session import Session
from ops.errors import RefusedError
from ops.release.timing import Mode

if TYPE_CHECKING:
    from ops.service.deployments import RunningDeployment


@releasing
def rollback(
    session: Session,
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
) -> None:
    """Roll a running release back, or release the previous version again. Alarms do not prevent it.

    While a release runs, it is stopped, and all traffic is on the old tasks again within seconds. After that, a
    rollback is a release of the previous image and its configuration. An image that is given with --to, or one of an
    earlier month, gets the configuration that is deployed today. It may be run again after it was killed: it does not
    go back twice. --to goes back further.

    Examples:
        hannibal rollback: stop the running release, or go back to the previous version
        hannibal rollback --to 7: to image and configuration of revision 7
    """
    from ops.release.plan import ReleaseRequest, plan_release
    from ops.release.rollback import rollback_target, running_release

    aws = session.aws
    running = running_release(aws)
    if running is not None:
        if to is not None:
            raise RefusedError(
                f"a release is running ({running.deployment_id}), and --to does not apply to stopping it",
                "Roll it back first: `hannibal rollback`, then go further back with --to.",
            )
        _stop(session, running, detach=detach)
        return
    earlier = rollback_target(aws, to)
    request = ReleaseRequest(image=earlier.image, mode=mode, like=earlier.like, ignore_alarms=True, back=True)
    carry_out(session, plan_release(aws, request), again=False, detach=detach)


def _stop(session: Session, running: "RunningDeployment", *, detach: bool) -> None:
    from ops.cli.console.release_progress import print_event
    from ops.cli.console.release_watch import conclude, migration_advice, watch_release
    from ops.release.deployment import stop_deployment
    from ops.release.watch import Outcome

    session.checked_caller()
    session.echo(f"Stop     {running.deployment_id}, which is {running.status}", "bold")
    if running.creator == "codeDeployRollback":
        raise RefusedError(
            f"{running.deployment_id} is a rollback already; stopping it would leave traffic in the middle",
            "Watch it: `hannibal status`",
        )
    if running.goes_back:
        stop = f"aws deploy stop-deployment --deployment-id {running.deployment_id} --auto-rollback-enabled"
        raise RefusedError(
            f"{running.deployment_id} goes back already: an earlier `hannibal rollback` has begun it",
            "Watch it to its end: `hannibal release --wait`",
            f"Or stop that rollback, and stay with the release: `{stop}`",
        )
    if session.json:
        print_event("stop", {"deployment": running.deployment_id, "status": running.status})
    if not session.confirmed(question="Stop it and have all traffic go back?"):
        return
    stopped = stop_deployment(session.aws, running.deployment_id)
    if not stopped:
        session.echo(f"{running.deployment_id} has ended already.", "yellow")
    if detach:
        session.echo(f"{'Stopped; traffic goes back by itself: ' if stopped else 'See how: '}`hannibal status`")
        for line in migration_advice(session):
            session.echo(line)
        return
    conclude(session, watch_release(session, running.deployment_id), expected=Outcome.ROLLED_BACK)
