"""How a name is declared."""

import re
from collections.abc import Callable
from typing import Final

_PART: Final = re.compile(r"\{(\w+)\}")


class Name:
    """A name of one installation.

    Args:
        text: the name; placeholders in braces are the project, the environment's suffix, or another name.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def __get__(self, names: object, owner: type) -> str:
        """The name in an installation."""
        return _PART.sub(lambda part: str(getattr(names, part[1])), self._text)


class PlaceName(Name):
    """A name with parts in it that a caller knows, such as the account: a function of the texts for its ``%s``."""

    def __get__(self, names: object, owner: type) -> Callable[..., str]:  # type: ignore[override]  # takes parts first
        """The function, such as ``names.frontend_bucket(account)``; TypeError for too few texts or too many."""
        text = super().__get__(names, owner)
        return lambda *parts: text % parts
