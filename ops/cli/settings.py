"""`hannibal settings`."""

import json as json_format

from rich.table import Table
from rich.text import Text

from ops.cli import options, screen
from ops.cli.session import settings_of


def settings(env: options.Environment = "dev", json: options.Json = False) -> None:
    """Show the settings in force, with what each means; those that the file leaves to their default are marked."""
    from ops.settings_view import fields

    chosen = settings_of(env)
    if json:
        screen.print_json(chosen)
        return
    console = screen.out()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("SETTING", no_wrap=True)
    table.add_column("VALUE", overflow="fold", min_width=14)
    table.add_column("MEANING", overflow="fold", ratio=1)
    for field in fields(chosen):
        value = json_format.dumps(field.value) if not isinstance(field.value, str) else field.value
        shown = Text.assemble(value, (" (default)", "dim") if field.default else "")
        table.add_row(Text(field.path, style="bold" if not field.default else ""), shown, Text(field.meaning))
    console.print(table)
    screen.line(console, f"Change them in config/{env}.yaml.", "dim")
