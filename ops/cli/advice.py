"""The commands in advice, so that users can copy them: with their environment, and as their shell finds them."""

import os
import re
import shlex
import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rich.text import Text
from typer._click.globals import get_current_context  # typer has no public name for it
from typer.core import TyperGroup

from ops.errors import OpsError

DEFAULT_ENVIRONMENT: Final = "dev"
_COMMAND: Final = re.compile(r"`hannibal ([^`]+)`")


def name_environment(error: OpsError, commands: TyperGroup) -> None:
    """Add the environment to the commands that an error advises.

    Without it they would use the default environment's settings, even in another environment's account.
    """
    error.problem, *advice = (
        _add_environment(Text(text), error.environment, commands).plain for text in (error.problem, *error.advice)
    )
    error.advice = tuple(advice)


def naming_environment(text: Text) -> Text:
    """A printed text, with this command's environment added to the commands in it."""
    context: Any = get_current_context(silent=True)
    if context is None or "`hannibal " not in text.plain:
        return text
    return _add_environment(text, context.params.get("env", ""), context.find_root().command)


def _add_environment(text: Text, environment: str, commands: TyperGroup) -> Text:
    if environment in ("", DEFAULT_ENVIRONMENT):
        return text
    return text.blank_copy(f" --env {environment}").join(text.divide(_option_positions(text.plain, commands)))


def _option_positions(text: str, commands: TyperGroup) -> Iterator[int]:
    """Positions for the option: after the name of each command that accepts it and does not have it."""
    for match in _COMMAND.finditer(text):
        words, command, count = match[1].split(" "), commands, 0
        while isinstance(command, TyperGroup) and count < len(words) and words[count] in command.commands:
            following: Any = command.commands[words[count]]
            command, count = following, count + 1
        takes = {option for it in command.params for option in it.opts}
        own = words[: words.index("--")] if "--" in words else words  # those after it are another program's
        if "--env" in takes and not {"--env", "-e"} & {word.partition("=")[0] for word in own}:
            yield match.start(1) + len(" ".join(words[:count]))


def shells_path() -> str:
    """The shell's PATH, without the folder that this process has put before it (`ops.cli.app`)."""
    return os.environ.get("PATH", "").removeprefix(f"{sysconfig.get_path('scripts')}{os.pathsep}")


def own_command() -> str:
    """``hannibal`` where the shell finds this one by name, else its path from the current folder."""
    program = Path(sysconfig.get_path("scripts"), "hannibal")
    found = shutil.which("hannibal", path=shells_path())
    if found is not None and Path(found).resolve() == program.resolve():
        return "hannibal"
    return shlex.quote(str(program.relative_to(Path.cwd())) if program.is_relative_to(Path.cwd()) else str(program))
