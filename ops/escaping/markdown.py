"""Text in GitHub's Markdown: a comment, an issue, the summary of a run.

Sources: GitHub Flavored Markdown specification, "Backslash escapes", "Code spans", "Autolinks (extension)"; GitHub
Docs, "Autolinked references and URLs". GitHub looks for mentions and references in the rendered text, where a
backslash is gone; the entity ``&#8203;`` (zero width) after the sign prevents them, as Dependabot and Renovate do.
"""

import re
from typing import Final

from ops.escaping.visible import one_line

_PUNCTUATION: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|~=^$])")
_HTML: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_NO_WIDTH: Final = "&#8203;"
# Beginnings of mentions, references, addresses and emoji in escaped text.
_REFERENCES: Final = (
    re.compile(r"@(?=\w)"),
    re.compile(r"\\#(?=\d)"),
    re.compile(r"\b[A-Za-z]{2,10}(?=\\-\d)"),  # GH-1, and prefixes that a repository may define
    re.compile(r":(?=//|\\?[a-z0-9_+-])"),
    re.compile(r"\b(?:www|WWW)(?=\\\.)"),
)
# A commit has seven digits or more. Parts are so short that two of them never have seven.
_LIKE_A_COMMIT: Final = re.compile(r"[0-9a-f]{7,}")
_THREE_DIGITS: Final = re.compile(r"[0-9a-f]{3}(?=.)")
_CODE_SPAN: Final = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_TICKS: Final = re.compile(r"`+")


def text(value: object) -> str:
    """A value as plain words of one line, also in a cell of a table."""
    escaped = "".join(_HTML.get(character, character) for character in one_line(str(value)))
    escaped = _PUNCTUATION.sub(r"\\\1", escaped)
    for reference in _REFERENCES:
        escaped = reference.sub(lambda match: match.group() + _NO_WIDTH, escaped)
    return _LIKE_A_COMMIT.sub(_split_digits, escaped)


def _split_digits(commit: re.Match[str]) -> str:
    return _THREE_DIGITS.sub(lambda part: part.group() + _NO_WIDTH, commit.group())


def code(value: object, *, in_table: bool = False) -> str:
    """A value as a code span of one line; an empty one as nothing."""
    content = one_line(str(value))
    if not content:
        return ""
    ticks = "`" * (max((len(run) for run in _TICKS.findall(content)), default=0) + 1)
    pad = " " if content[0] in "` " or content[-1] in "` " else ""
    # A bar ends a cell even inside a code span, unless a backslash is before it (specification, "Tables").
    span = f"{ticks}{pad}{content}{pad}{ticks}"
    return span.replace("|", "\\|") if in_table else span


def prose(value: str) -> str:
    """A sentence of this project with values in code spans: the spans stay code, everything else is plain words.

    Whatever backticks a value has, each part of the sentence is one of the two.
    """
    parts = []
    end = 0
    for span in _CODE_SPAN.finditer(value):
        parts += [_escape_words(value[end : span.start()]), code(span.group(2).strip()) or " "]
        end = span.end()
    return "".join([*parts, _escape_words(value[end:])])


def _escape_words(value: str) -> str:
    """Plain words with the blanks at both ends, which separate them from their neighbours."""
    if not value.strip():
        return " " if value else ""
    return " " * value[:1].isspace() + text(value) + " " * value[-1:].isspace()
