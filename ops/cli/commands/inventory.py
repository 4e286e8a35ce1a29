"""`hannibal settings`, `outputs` and `links`: what an installation is, and where to look at it."""

import json as json_format
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ops.cli import options
from ops.cli.console import screen
from ops.cli.console.plan import show_addresses
from ops.cli.session import Session, connected, in_session, settings_of
from ops.errors import UnusableInputError

if TYPE_CHECKING:
    from pydantic import BaseModel, JsonValue


def settings(env: options.Environment = "dev", json: options.Json = False) -> None:
    """Show the settings in force, with what each means; those that the file leaves to their default are marked."""
    chosen = settings_of(env)
    if json:
        screen.print_json(chosen)
        return
    console = screen.out()
    for path, value, in_file, meaning in _fields(chosen):
        text = value if isinstance(value, str) else json_format.dumps(value)
        mark = "" if in_file else " (default)"
        console.print(Text.assemble((path, "bold"), f" = {text}", (mark, "dim")), soft_wrap=True)
        console.echo(f"    {meaning}", "dim")
    console.echo(f"Change them in config/{env}.yaml.")


def _fields(
    section: "BaseModel", prefix: str = "", *, is_in_file: bool = True
) -> "Iterator[tuple[str, JsonValue, bool, str]]":
    """Each setting: its path, such as ``database.storage_gib``, its value, whether it is in the file, its meaning."""
    from pydantic import BaseModel

    from installation.settings.section import meanings

    values = section.model_dump(mode="json")
    for name in type(section).model_fields:
        value = getattr(section, name)
        in_file = is_in_file and name in section.model_fields_set
        if isinstance(value, BaseModel):
            yield from _fields(value, f"{prefix}{name}.", is_in_file=in_file)
        else:
            yield f"{prefix}{name}", values[name], in_file, meanings(type(section)).get(name, "")


@in_session()
def outputs(session: Session) -> None:
    """Show the outputs of the stacks: the names and addresses that runbook commands need."""
    from ops.stacks.addresses import read_addresses
    from ops.stacks.state import read_stacks

    aws, settings = session.aws, session.settings
    session.require_own()
    stacks = read_stacks(aws)
    addresses = read_addresses(stacks, settings, aws.endpoint) if stacks else ()
    if session.json:
        screen.print_json({name: stack.outputs for name, stack in stacks.items()})
        return
    console = session.console
    if not stacks:
        console.echo("Nothing is deployed: `hannibal start`.")
        return
    for name, stack in stacks.items():
        console.echo(name, "bold")
        for output in stack.outputs:
            if output.description:  # those without one are the CDK's own, which other stacks read
                line = Text.assemble(
                    "  ", output.name, " = ", (output.value, "green"), (f"  {output.description}", "dim")
                )
                console.print(line, soft_wrap=True)
    if addresses:
        console.echo("Addresses", "bold")
        show_addresses(console, addresses)


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
