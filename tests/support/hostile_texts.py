"""Hostile texts, such as terminal sequences, invisible characters and markup, alone and mixed by a seed."""

import random
from collections.abc import Iterator

SEED = 20261125
TERMINAL = (
    "\x1b]8;;https://attacker.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]52;c;ZWNobyBvd25lZA==\x07",
    "\x1b]0;title\x07",
    "\x1b[2J\x1b[H",
    "\x1b[1A\x1b[2Kno risk",
    "\x1b[31mred\x1b[0m",
    "\x9b31mred",
    "\x90dcs\x9c",
    "\rover the line",
    "\x08\x08\x08",
    "\x00\x7f",
    "[link=https://attacker.example]click[/link]",
    "[bold red]loud[/]",
    ":warning:",
)
UNSEEN = (
    "\u202eevil\u202c",
    "\u2066left\u2069",
    "zero\u200bwidth\u200d\ufeff",
    "tag\U000e0041\U000e007f",
    "filler\u3164\u115f\u2800",
    "line\u2028break\u2029",
    "variation\ufe00\U000e0100",
    "accents" + "\u0301" * 12,
    "private\ue000",
    "\x85",
)
MARKDOWN = (
    "@team",
    "mail someone@attacker.example",
    "#1",
    "GH-1",
    "owner/repo#12",
    "https://attacker.example/x",
    "www.attacker.example",
    "[words](https://attacker.example)",
    "![picture](https://attacker.example/x.png)",
    "<https://attacker.example>",
    "<img src=x onerror=alert(1)>",
    "<details><summary>nothing</summary>",
    "</details>",
    "<!-- hidden",
    "-->",
    "**bold** _it_ ~~gone~~",
    "# heading",
    "- [ ] task",
    "1. list",
    "> quote",
    "| a | b |",
    "a\n\n# heading",
    "a\r\n---",
    "```\nblock",
    "`",
    "``",
    "` @team `",
    "`code` @team `",
    "\\`",
    "\\",
    "\\@team",
    "&#64;team",
    "&lt;b&gt;",
    "$\\href{https://attacker.example}{x}$",
    ":white_check_mark:",
    "[^1]",
    "0123456789abcdef0123456789abcdef01234567",
    "&#x3c;details&#x3e;",
)
ALL = (*TERMINAL, *UNSEEN, *MARKDOWN)


def mixed(count: int) -> Iterator[str]:
    """Texts of two to five of them, with words between."""
    chance = random.Random(SEED)  # noqa: S311 - test data
    joints = ("", " ", "\n", "`", "a", "_", "|")
    for _ in range(count):
        chosen = chance.choices(ALL, k=chance.randint(2, 5))
        yield "".join(part + chance.choice(joints) for part in chosen)
