"""Replaces invisible characters by escape sequences; the other modules use it first."""

import re
import unicodedata
from typing import Final

# Control characters, formats (bidirectional overrides, zero widths, tags), lone surrogates, private use, unassigned,
# and the two separators that break a line. Unicode Standard, chapter 4.5, "General Category".
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters, marks and symbols that show nothing: fillers, variation selectors except that of emoji, blank.
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U000e0100-\U000e01ef]"
)
_ASCII_PRINTABLE: Final = re.compile(r"[ -~]*")
_MOST_MARKS: Final = 4  # accents on one letter; more would cover the lines above and below


def visible(text: str, *, keep: str = "") -> str:
    r"""The text with each invisible character, but those to keep, as its escape sequence, such as ``\u202e``."""
    if _ASCII_PRINTABLE.fullmatch(text):
        return text
    characters = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        unseen = unicodedata.category(character) in _UNSEEN or _BLANK.match(character) or marks > _MOST_MARKS
        characters.append(_escape(character) if unseen and character not in keep else character)
    return "".join(characters)


def lines(text: str) -> str:
    """The same for a text of many lines: line feeds and tabs stay."""
    return visible(text, keep="\n\t")


def one_line(text: str) -> str:
    """The same, with each run of white space as one blank."""
    return visible(" ".join(text.split()))


def _escape(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
