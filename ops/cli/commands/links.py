"""`hannibal links`."""

from typing import Annotated

import typer
from rich.text import Text

from ops.cli import options
from ops.cli.console import screen
from ops.cli.session import connected, settings_of
from ops.errors import UnusableInputError


def links(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Print only the address of this page.", show_default="all")
    ] = None,
    env: options.Environment = "dev",
    json: options.Json = False,
) -> None:
    """Show the addresses of the AWS console for this account and region.

    Asks AWS for the account number only where the settings do not hold it.
    """
    from ops.account.caller import identify
    from ops.service.links import links as all_links

    settings = settings_of(env)
    account = settings.account_id
    if account is None:
        with connected(settings) as aws:
            account = identify(aws).account
    selected = all_links(settings, account)
    if name is not None:
        selected = tuple(link for link in selected if link.name == name)
        if not selected:
            raise UnusableInputError(f"there is no page {name!r}", "See them all: `hannibal links`")
    if json:
        screen.print_json(selected)
        return
    console = screen.out()
    if name is not None:
        console.echo(selected[0].url)
        return
    console.echo(f"account {account}, {settings.region}", "dim")
    for link in selected:
        note = "  (while a month runs)" if link.month else ""
        console.print(Text.assemble((link.name, "bold"), f"  {link.title}", (note, "dim")), soft_wrap=True)
        console.echo(f"  {link.url}", "cyan")
