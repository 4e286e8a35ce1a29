"""Fenced blocks of a document, and the marks that say how a test runs each.

A mark is a comment on the line above a block, which is not visible to readers:

- ``<!-- not run: REASON -->``: the block cannot run here.
- ``<!-- run first -->``, ``<!-- run last N -->``: it begins or ends the month, so it runs before or after the others.
- ``<!-- run while: SITUATION -->``: a test first causes the situation, with ``situations.py``.

A block without a mark runs in the document's order. A block of PowerShell is below the block of bash that
does the same, and only the bash block runs: the machines of the tests have no PowerShell.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

_FENCE = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]+) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_MARK = re.compile(r"not run: (?P<reason>.+)|run (?P<place>first|last (?P<number>\d+))|run while: (?P<situation>.+)")
_COMMENT = re.compile(r"(?m)(^|\s+)(#|--) .*$")
FIRST: Final = -1
LANGUAGES: Final = frozenset({"bash", "powershell", "sql", "json", "yaml"})


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block.

    Attributes:
        document: the document's file name.
        line: line number of its beginning there.
        language: the word behind the opening fence.
        text: its content.
        reason: why it does not run; None if it does.
        order: place among the blocks: -1 first, 0 in the document's order, 1 and more last.
        situation: the situation that a test causes before it runs.
    """

    document: str
    line: int
    language: str
    text: str
    reason: str | None = None
    order: int = 0
    situation: str | None = None

    @property
    def commands(self) -> str:
        """The text without comments and blank lines: equal in translations, where only comments differ."""
        lines = _COMMENT.sub("", self.text).splitlines()
        return "\n".join(line.rstrip() for line in lines if line.strip())

    def __str__(self) -> str:
        """Name of the block in a report: its line and its beginning."""
        return f"{self.document}:{self.line} {self.commands.splitlines()[0][:60]}"


def read_blocks(document: Path) -> tuple[Block, ...]:
    """Read the blocks of a document, in order.

    Raises:
        ValueError: a block has an unknown mark or language, or a fence is not closed.
    """
    text = document.read_text(encoding="utf-8")
    blocks = tuple(_block(document.name, text, match) for match in _FENCE.finditer(text))
    fences = sum(line.startswith("```") for line in text.splitlines())
    if fences != 2 * len(blocks):
        raise ValueError(f"{document.name}: {fences} fences, but {len(blocks)} blocks with a language and a good mark")
    return blocks


def _block(name: str, text: str, match: re.Match[str]) -> Block:
    line = text.count("\n", 0, match.start("language")) + 1
    language, mark = match["language"], match["mark"]
    if language not in LANGUAGES:
        raise ValueError(f"{name}:{line}: language {language!r}; there is {', '.join(sorted(LANGUAGES))}")
    reason, order, situation = None, 0, None
    if mark is not None:
        parsed = _MARK.fullmatch(mark)
        if parsed is None:
            raise ValueError(f"{name}:{line}: unknown mark {mark!r}")
        reason, situation = parsed["reason"], parsed["situation"]
        order = FIRST if parsed["place"] == "first" else int(parsed["number"] or 0)
    return Block(
        document=name, line=line, language=language, text=match["text"], reason=reason, order=order, situation=situation
    )


def twins(blocks: tuple[Block, ...]) -> tuple[tuple[Block, Block], ...]:
    """Each block of PowerShell with the block of bash above it.

    Raises:
        ValueError: a block of PowerShell is not below a block of bash.
    """
    if blocks and blocks[0].language == "powershell":
        raise ValueError(f"{blocks[0]}: there is no bash above it")
    pairs = tuple((above, below) for above, below in pairwise(blocks) if below.language == "powershell")
    for above, below in pairs:
        if above.language != "bash":
            raise ValueError(f"{below}: above it is {above.language}, not bash")
    return pairs


def in_order(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks that run, in the order of running."""
    runnable = [block for block in blocks if block.reason is None and block.language in {"bash", "sql"}]
    return tuple(sorted(runnable, key=lambda block: block.order))
