"""How names are written down: as a text with what they are made of, and what bears them."""


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
        return self._text.format_map(_Parts(names))


class _Parts(dict[str, str]):
    """What a text names in braces, taken from the installation's names."""

    def __init__(self, names: object) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, part: str) -> str:
        return str(getattr(self._names, part))
