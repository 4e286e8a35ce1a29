"""Conditions that combine tests with AND and OR: filters of logs, rules of composite alarms."""

import re
from typing import Final

_QUOTED: Final = re.compile(r'("[^"]*")')
_PLAIN: Final = re.compile(r'"([A-Za-z][\w.]*)"')  # a word means the same without quotation marks
_SIGNS: Final = re.compile(r"([(){}]|&&|\|\|)")
# A test without children, or an operator with its operands.
Tree = tuple[str, tuple["Tree", ...]]
_AND, _OR = "&&", "||"


def tree(text: str, *, conjunction: str = _AND, alternative: str = _OR) -> Tree:
    """Parse a condition by its parentheses; a level with both operators stays one text: its precedence is unknown."""
    signs = {conjunction: _AND, alternative: _OR}
    words: list[str] = []
    for part in _QUOTED.split(text):  # a text in quotation marks is one word
        words += [_PLAIN.sub(r"\1", part)] if part.startswith('"') else _SIGNS.sub(r" \1 ", part).split()
    return _tree(tuple(signs.get(word, word) for word in words))


def _tree(words: tuple[str, ...]) -> Tree:
    """Build the tree of a list of words by its parentheses."""
    while len(words) > 1 and (words[0], words[-1]) in (("(", ")"), ("{", "}")) and _closes(words) == len(words) - 1:
        words = words[1:-1]
    parts: list[list[str]] = [[]]
    signs: set[str] = set()
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if depth == 0 and word in (_OR, _AND):
            signs.add(word)
            parts.append([])
        else:
            parts[-1].append(word)
    if len(signs) != 1:
        return " ".join(words), ()
    return signs.pop(), tuple(_tree(tuple(it)) for it in parts)


def _closes(words: tuple[str, ...]) -> int:
    """Index of the word that closes the first parenthesis, -1 where none does."""
    depth = 0
    for number, word in enumerate(words):
        depth += (word in "({") - (word in ")}")
        if depth == 0:
            return number
    return -1


def wider(old: Tree, new: Tree) -> bool:
    """Whether the new condition is true wherever the old one is; False where their structure does not show it."""
    if old == new:
        return True
    if old[0] == _OR:
        return all(wider(it, new) for it in old[1])
    if new[0] == _AND:
        return all(wider(old, it) for it in new[1])
    if new[0] == _OR and any(wider(old, it) for it in new[1]):
        return True
    return old[0] == _AND and any(wider(it, new) for it in old[1])
