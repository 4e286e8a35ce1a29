"""How a name is declared."""

import re
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
