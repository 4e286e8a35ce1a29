"""`hannibal invalidate`."""

from typing import Annotated

import typer

from ops.cli.console import screen
from ops.cli.session import Session, in_session


@in_session()
def invalidate(
    session: Session,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH", help="A path, such as '/assets/*'; a star works only at the end.", show_default="/*"
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until it is completed at all edge locations, about five minutes.")
    ] = False,
) -> None:
    """Invalidate what CloudFront has cached, so that users see what was uploaded since."""
    from ops.frontend.invalidation import EVERYTHING, find_distribution, wait_until_completed
    from ops.frontend.invalidation import invalidate as create_invalidation

    selected = tuple(paths or EVERYTHING)
    aws = session.aws
    session.checked_caller()
    distribution = find_distribution(aws)
    invalidation = create_invalidation(aws, distribution, selected)
    if wait:
        invalidation = wait_until_completed(aws, distribution, invalidation)
    if session.json:
        screen.print_json({"distribution": distribution, "paths": selected, "invalidation": invalidation})
        return
    console = session.console
    console.echo(
        f"{invalidation.invalidation_id} of {distribution} is {invalidation.status}: {' '.join(selected)}", "green"
    )
    if invalidation.status != "Completed":
        console.echo("It takes about five minutes: `hannibal doctor edge` says when it is done.")
