"""The format of the commands' help: wrapped paragraphs, blocks below the options, and types in words."""

import inspect
import textwrap
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

_NARROW: Final = 10
# The text beside an option; a longer choice would be cut off, and its help lists the values.
_TYPES: Final = {
    "<str>": "TEXT", "<path>": "PATH", "<dir>": "DIR", "<%Y-%m-%d>": "DATE", "<int range>": "NUMBER", "<int>": "NUMBER",
    "<float range>": "NUMBER", "<float>": "NUMBER",
}  # fmt: skip
_LONGEST_CHOICE: Final = 22
_HELP_WIDTH: Final = 78  # of a terminal of 80 columns, without the margins of the help page
# Blocks at a docstring's end, one row per line, which the help shows below the options.
_BLOCKS: Final = ("Examples:", "Exit codes:")


class Command(TyperCommand):
    """A command whose help shows options' types in words, and none beside a flag, which has no value."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # as below
        """Refuse an empty path, such as from an unset variable: for Python it is the current folder."""
        own = args[: args.index("--")] if "--" in args else args
        for param in self.get_params(ctx):
            empty = any(f"{name}=" in own or (name, "") in pairwise(own) for name in param.opts)
            if empty and isinstance(param, TyperOption) and param.type_descriptor.annotation is Path:
                raise typer.BadParameter("the name is empty; check the command that should have printed it", ctx, param)
        return super().parse_args(ctx, args)

    def get_params(self, ctx: typer.Context) -> list[Any]:  # type: ignore[override]  # typer's own name for the same
        """The options and arguments, with the texts beside them."""
        return _set_type_names(super().get_params(ctx), ctx)


class Group(TyperGroup):
    """A group whose help is in the same format."""

    def get_params(self, ctx: typer.Context) -> list[Any]:  # type: ignore[override]  # as above
        """The options and arguments, with the texts beside them."""
        return _set_type_names(super().get_params(ctx), ctx)


def _no_type(*, ctx: object) -> None:
    """No type beside an argument: its name and help are enough."""


def _set_type_names(params: list[Any], ctx: typer.Context) -> list[Any]:
    for param in params:
        if param.metavar is None and isinstance(param, TyperOption):
            shown = param.display_type(ctx)
            many = "|" in shown and len(shown) > _LONGEST_CHOICE
            param.metavar = "" if param.is_flag else "NAME" if many else _TYPES.get(shown, shown)
        elif isinstance(param, TyperArgument):
            param.display_type_rich = _no_type  # type: ignore[method-assign,assignment]  # no hook for it
    return params


def block(title: str, rows: dict[str, str]) -> str:
    """A title and rows below a command's help: in two columns, or on two lines each where a row is too long."""
    width = max(len(row) for row in rows)
    single_lines = [f"  {row:<{width}}   {text}" for row, text in rows.items()]
    if max(map(len, single_lines)) <= _HELP_WIDTH:
        return "\n".join([title, *single_lines])
    if width <= _NARROW:
        indent = " " * (width + 5)
        return "\n".join([title, *(textwrap.fill(it, _HELP_WIDTH, subsequent_indent=indent) for it in single_lines)])
    return "\n".join([title, *[line for row, text in rows.items() for line in (f"  {row}", f"      {text}")]])


def document(app: typer.Typer) -> None:
    """Set help and examples from the docstrings; paragraphs wrap at the terminal's width."""
    for command in app.registered_commands:
        paragraphs = (inspect.getdoc(command.callback) or "").split("\n\n")
        blocks = [paragraph for paragraph in paragraphs if paragraph.startswith(_BLOCKS)]
        command.help = _flowing(paragraphs[: len(paragraphs) - len(blocks)])
        command.cls = Command
        command.epilog = "\n\n".join(map(_format_block, blocks)) or None
    for group in app.registered_groups:
        group.cls = Group
        if group.typer_instance is not None:
            document(group.typer_instance)
            if (callback := group.typer_instance.registered_callback) is not None:
                callback.help = _flowing((inspect.getdoc(callback.callback) or "").split("\n\n"))


def _flowing(paragraphs: list[str]) -> str:
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)


def _format_block(paragraph: str) -> str:
    title, *rows = paragraph.split("\n")
    return block(title, {row: text for row, _, text in (row.strip().partition(": ") for row in rows)})
