"""Advice is to be copied as it stands: each command in it names the environment, where that is not the default."""

import re
from typing import Any, Final

from typer.core import TyperGroup

from ops.errors import OpsError

DEFAULT_ENVIRONMENT: Final = "dev"
_COMMAND: Final = re.compile(r"`hannibal ([^`]+)`")


def name_environment(error: OpsError, commands: TyperGroup) -> None:
    """Have the commands that an error advises name the environment.

    Without it they would work with the settings of the default, also in the account of another.
    """
    if error.environment not in ("", DEFAULT_ENVIRONMENT):
        error.problem = _named(error.problem, error.environment, commands)
        error.advice = tuple(_named(step, error.environment, commands) for step in error.advice)


def _named(text: str, environment: str, commands: TyperGroup) -> str:
    def with_option(found: re.Match[str]) -> str:
        words, command, count = found[1].split(" "), commands, 0
        while isinstance(command, TyperGroup) and count < len(words) and words[count] in command.commands:
            following: Any = command.commands[words[count]]
            command, count = following, count + 1
        takes = {option for it in command.params for option in it.opts}
        own = words[: words.index("--")] if "--" in words else words  # behind it stand another program's
        if "--env" not in takes or {"--env", "-e"} & {word.partition("=")[0] for word in own}:
            return found[0]
        return f"`hannibal {' '.join((*words[:count], '--env', environment, *words[count:]))}`"

    return _COMMAND.sub(with_option, text)
