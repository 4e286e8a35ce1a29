"""Policy variables: ``${…}`` in a value or a resource is replaced by the request's value of a key.

Source: IAM user guide, "IAM policy elements: Variables and tags".
"""

import re
from collections.abc import Callable
from typing import Final

from installation.permissions.wildcards import literal

# The request's values of a key: none where it does not have the key, several where it is a set.
Values = tuple[str, ...]
# Looks up the values of a key, in lower case, in a request; None where they are not known.
Lookup = Callable[[str], Values | None]

_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")
_SIGNS: Final = ("*", "?", "$")


def variables(text: str) -> tuple[str, ...]:
    """The variables of a text, without their default values; ``${*}``, ``${?}`` and ``${$}`` are escapes."""
    return tuple(_name(found) for found in _VARIABLE.findall(text) if found not in _SIGNS)


def substituted(text: str, lookup: Lookup, *, as_pattern: bool) -> str | frozenset[str]:
    """A text with its variables replaced by their values, or the variables whose values are not known.

    A text with a variable that the request does not have matches nothing: then the empty set is returned.

    Args:
        as_pattern: whether ``*`` and ``?`` of the text are wildcards; those of a value never are.
    """
    unknown_names: set[str] = set()
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        inner = match.group(1)
        if inner in _SIGNS:
            return match.group() if as_pattern else inner
        known = lookup(_name(inner).lower())
        if known is None:
            unknown_names.add(_name(inner))
        elif len(known) == 1:
            return literal(known[0]) if as_pattern else known[0]
        elif (default := _default(inner)) is not None:
            return literal(default) if as_pattern else default
        else:
            missing = True
        return ""

    result = _VARIABLE.sub(value, text)
    return frozenset(unknown_names) if unknown_names or missing else result


def _name(variable: str) -> str:
    return variable.partition(",")[0].strip()


def _default(variable: str) -> str | None:
    _, comma, default = variable.partition(",")
    return default.strip().strip("'") if comma else None
