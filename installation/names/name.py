"""How names are written down: as a text with what they are made of, and what bears them."""

import re
from typing import Final

_PART: Final = re.compile(r"\{(\w+)\}")


class Name:
    """A name of one installation.

    Args:
        text: the name; in braces what it is made of: the project, the environment's suffix, or another name.
        meaning: what bears it.
    """

    def __init__(self, text: str, meaning: str) -> None:
        self._text = text
        self.__doc__ = meaning

    def __get__(self, names: object, owner: type) -> str:
        """The name in the installation that is asked for it."""
        return _PART.sub(lambda part: str(getattr(names, part[1])), self._text)
