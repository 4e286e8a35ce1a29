"""How the help of commands looks: lines that flow, blocks below, and types in words."""

import inspect
import textwrap
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

_NARROW: Final = 10
# What stands beside an option; a longer choice would be cut, and its help names the words.
_TYPES: Final = {
    "<str>": "TEXT", "<path>": "PATH", "<dir>": "DIR", "<%Y-%m-%d>": "DATE", "<int range>": "NUMBER", "<int>": "NUMBER",
    "<float range>": "NUMBER", "<float>": "NUMBER",
}  # fmt: skip
_LONGEST_CHOICE: Final = 22
_HELP_WIDTH: Final = 78  # of a terminal of 80 columns, without the margins of the help page
# What a docstring has at its end, a row a line, and the help below the options.
_BLOCKS: Final = ("Examples:", "Exit codes:")


class Command(TyperCommand):
    """Shows the types of options in words, and none beside a flag, which takes no value."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # as below
        """Refuse a path without a name, as of a variable that is not set: Python takes it for the present folder."""
        own = args[: args.index("--")] if "--" in args else args
        for param in self.get_params(ctx):
            empty = any(f"{name}=" in own or (name, "") in pairwise(own) for name in param.opts)
            if empty and isinstance(param, TyperOption) and param.type_descriptor.annotation is Path:
                raise typer.BadParameter("the name is empty; see what should have given it", ctx, param)
        return super().parse_args(ctx, args)

    def get_params(self, ctx: typer.Context) -> list[Any]:  # type: ignore[override]  # typer's own name for the same
        """The options and arguments, with what stands beside them."""
        return _in_words(super().get_params(ctx), ctx)


class Group(TyperGroup):
    """The same for a group."""

    def get_params(self, ctx: typer.Context) -> list[Any]:  # type: ignore[override]  # as above
        """The options and arguments, with what stands beside them."""
        return _in_words(super().get_params(ctx), ctx)


def _nothing(*, ctx: object) -> None:
    """An argument's name and help say what it is."""


def _in_words(params: list[Any], ctx: typer.Context) -> list[Any]:
    for param in params:
        if param.metavar is None and isinstance(param, TyperOption):
            shown = param.display_type(ctx)
            many = "|" in shown and len(shown) > _LONGEST_CHOICE
            param.metavar = "" if param.is_flag else "NAME" if many else _TYPES.get(shown, shown)
        elif isinstance(param, TyperArgument):
            param.display_type_rich = _nothing  # type: ignore[method-assign,assignment]  # no hook for it
    return params


def block(title: str, rows: dict[str, str]) -> str:
    """A title and rows below a command's help: in two columns, or one below the other where a row is too long."""
    width = max(len(row) for row in rows)
    beside = [f"  {row:<{width}}   {text}" for row, text in rows.items()]
    if max(map(len, beside)) <= _HELP_WIDTH:
        return "\n".join([title, *beside])
    if width <= _NARROW:
        indent = " " * (width + 5)
        return "\n".join([title, *(textwrap.fill(it, _HELP_WIDTH, subsequent_indent=indent) for it in beside)])
    return "\n".join([title, *[line for row, text in rows.items() for line in (f"  {row}", f"      {text}")]])


def document(app: typer.Typer) -> None:
    """Take help and examples from the docstrings, and have the terminal break the lines of paragraphs."""
    for command in app.registered_commands:
        paragraphs = (inspect.getdoc(command.callback) or "").split("\n\n")
        blocks = [paragraph for paragraph in paragraphs if paragraph.startswith(_BLOCKS)]
        command.help = _flowing(paragraphs[: len(paragraphs) - len(blocks)])
        command.cls = Command
        command.epilog = "\n\n".join(map(_written, blocks)) or None
    for group in app.registered_groups:
        group.cls = Group
        if group.typer_instance is not None:
            document(group.typer_instance)
            if (callback := group.typer_instance.registered_callback) is not None:
                callback.help = _flowing((inspect.getdoc(callback.callback) or "").split("\n\n"))


def _flowing(paragraphs: list[str]) -> str:
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)


def _written(paragraph: str) -> str:
    title, *rows = paragraph.split("\n")
    return block(title, {row: text for row, _, text in (row.strip().partition(": ") for row in rows)})
