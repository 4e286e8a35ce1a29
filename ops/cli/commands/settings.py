"""`hannibal settings`."""

import json as json_format
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from ops.cli import options
from ops.cli.console import screen
from ops.cli.session import settings_of

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
    """Each setting: its path, such as ``database.storage_gib``, its value, whether it is in the file, its meaning.

    Args:
        is_in_file: whether the section is in the file.
    """
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
