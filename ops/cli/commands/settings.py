"""`hannibal settings`."""

import json as json_format

from rich.text import Text

from ops.cli import options
from ops.cli.console import screen
from ops.cli.session import settings_of


def settings(env: options.Environment = "dev", json: options.Json = False) -> None:
    """Show the settings in force, with what each means; those that the file leaves to their default are marked."""
    from ops.cli.console.settings_table import fields

    chosen = settings_of(env)
    if json:
        screen.print_json(chosen)
        return
    console = screen.out()
    for field in fields(chosen):
        value = field.value if isinstance(field.value, str) else json_format.dumps(field.value)
        console.print(
            Text.assemble((field.path, "bold"), f" = {value}", (" (default)" if field.default else "", "dim")),
            soft_wrap=True,
        )
        console.say(f"    {field.meaning}", "dim")
    console.say(f"Change them in config/{env}.yaml.")
