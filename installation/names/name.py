"""How a name is declared: a text with placeholders, and the meaning of the name."""

import re
from typing import Final

_PART: Final = re.compile(r"\{(\w+)\}")


class Name:
    """A name of one installation.

    Args:
        text: the name; placeholders in braces are the project, the environment's suffix, or another name.
        meaning: the resource that has the name.
    """

    def __init__(self, text: str, meaning: str) -> None:
        self._text = text
        self.__doc__ = meaning

    def __get__(self, names: object, owner: type) -> str:
        """The name in an installation."""
        return _PART.sub(lambda part: str(getattr(names, part[1])), self._text)
