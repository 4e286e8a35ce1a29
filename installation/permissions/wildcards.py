"""How IAM matches wildcards: ``*`` is any text, ``?`` one character, ``${*}`` and ``${?}`` these characters.

In Python's ``fnmatch`` brackets are sets; IAM has no sets (IAM user guide, "IAM JSON policy elements: Resource" and
"Condition operators"). The case of actions does not matter, that of ARNs and of values does.
"""

import re
from collections.abc import Callable
from functools import lru_cache

_WILD = re.compile(r"[*?]")
_SIGNS = re.compile(r"(\$\{[*?$]\}|[*?])")
_MEANINGS = {"*": ".*", "?": ".", "${*}": r"\*", "${?}": r"\?", "${$}": r"\$"}


def matches_pattern(text: str, pattern: str) -> bool:
    """Whether a pattern matches an ARN or a value."""
    return _compile(pattern, 0)(text) is not None


def matches_action(action: str, pattern: str) -> bool:
    """Whether a pattern matches an action."""
    return _compile(pattern, re.IGNORECASE)(action) is not None


def literal(text: str) -> str:
    """A text as a pattern that matches only this text."""
    return _WILD.sub(r"${\g<0>}", text)


@lru_cache(maxsize=32_768)  # as fnmatch: a large application has thousands of patterns
def _compile(pattern: str, flags: int) -> Callable[[str], re.Match[str] | None]:
    parts = (_MEANINGS.get(part) or re.escape(part) for part in _SIGNS.split(pattern))
    return re.compile("".join(parts), flags | re.DOTALL).fullmatch


@lru_cache(maxsize=32_768)
def covers(wide: str, narrow: str) -> bool:
    """Whether one pattern of ARNs matches everything that another one matches."""
    # ``*`` of the narrow pattern can be any text, so only ``*`` of the wide pattern matches it.
    parts = (".*" if part == "*" else "[^*]" if part == "?" else re.escape(part) for part in re.split(r"([*?])", wide))
    return re.compile("".join(parts), re.DOTALL).fullmatch(narrow) is not None


@lru_cache(maxsize=32_768)
def overlap(pattern: str, other: str) -> bool:
    """Whether two patterns of ARNs match a common text."""
    visited: set[tuple[int, int]] = set()
    places = [(0, 0)]
    while places:
        index, other_index = place = places.pop()
        if place == (len(pattern), len(other)):
            return True
        if place in visited:
            continue
        visited.add(place)
        sign, opposite = pattern[index : index + 1], other[other_index : other_index + 1]
        if sign == "*":
            places.append((index + 1, other_index))
        if opposite == "*":
            places.append((index, other_index + 1))
        if sign and opposite and (sign == opposite or sign in "*?" or opposite in "*?"):
            places.append((index + (sign != "*"), other_index + (opposite != "*")))
    return False
