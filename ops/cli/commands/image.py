"""`hannibal image`."""

from pathlib import Path
from typing import Annotated

import typer

from ops.cli.console import screen
from ops.cli.session import Session, in_session

app = typer.Typer(name="image", no_args_is_help=True, help="The application's container image.")


@app.callback()
def image() -> None:
    """The application's container image."""  # Without it, typer replaces a group of one command by the command.


@app.command()
@in_session()
def build(
    session: Session,
    source: Annotated[Path, typer.Option(metavar="DIR", help="Checkout of the application, with a Dockerfile.")],
    tag: Annotated[
        str | None, typer.Option(help="Tag of the image.", show_default="the commit of the checkout")
    ] = None,
) -> None:
    """Build the image for the processor of the settings, push it to the repository, and print its address by digest.

    An image of this commit or tag that exists already is not built again. On the embedded AWS it is built with the
    engine that runs its containers, for this machine's processor, and nothing is pushed.
    """
    from ops.account.caller import checked_caller
    from ops.github.files import set_outputs
    from ops.local.containers import require_engine
    from ops.release.image_build import build_image, build_local_image, commit_of

    aws = session.aws
    caller = checked_caller(aws)
    name = tag or commit_of(source)
    engine = require_engine(aws.endpoint, "there is nothing to build with") if aws.endpoint is not None else None
    with screen.err().status(f"building {name} …"):
        if engine is None:
            built = build_image(aws, caller, source=source, tag=name)
        else:
            built = build_local_image(aws, engine, caller, source=source, tag=name)
    if built.existed:
        screen.err().echo(f"{name} is in the repository: nothing was built. Changed sources need another --tag.", "dim")
    set_outputs(image=built.image)
    if session.json:
        screen.print_json(built)
    else:
        session.console.echo(built.image)
