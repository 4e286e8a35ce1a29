"""Texts with a grammar of their own, compared by what they say: schedules, filters, ranges, headers, code."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from ops.review.finding import Severity
from ops.templates.differences import Leaf

_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_MINUTES: Final = {"minute": 1, "hour": 60, "day": 1440}
_DAYS: Final = re.compile(r"NOW-(\d+)DAYS,NOW")
_QUOTED: Final = re.compile(r'("[^"]*")')
_SIGNS: Final = re.compile(r"([(){}]|&&|\|\|)")
# From the weakest to the strongest (CloudFront, "Supported protocols and ciphers").
_PROTOCOLS: Final = (
    "SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016", "TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025",
    "TLSv1.3_2025",
)  # fmt: skip
# What a header says, from the weakest to the strictest.
_FRAMES: Final = ("SAMEORIGIN", "DENY")
_REFERRERS: Final = (
    "unsafe-url", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "strict-origin-when-cross-origin",
    "strict-origin", "no-referrer",
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """What a change of a text means.

    Attributes:
        severity: how much it matters.
        rule: the rule.
        says: what the change does.
    """

    severity: Severity
    rule: str
    says: str


_Read = Callable[[str, str], Reading | None]


def reading(leaf: Leaf) -> Reading | None:
    """What a change of a text means where its grammar says it; None where it does not."""
    read = _READ.get(leaf.path[-1])
    if read is None or not isinstance(leaf.old, str) or not isinstance(leaf.new, str):
        return None
    return read(leaf.old, leaf.new)


def _schedule(old: str, new: str) -> Reading | None:
    before, after = (_minutes(it) for it in (old, new))
    if before is None or after is None or after > before:
        return None
    if before == after:
        return Reading(Severity.HARMLESS, "same-text", "the same schedule")
    return Reading(Severity.LOOK, "schedule-denser", "happens more often")


def _minutes(text: str) -> int | None:
    found = _RATE.fullmatch(text.strip())
    return int(found[1]) * _MINUTES[found[2]] if found else None


def _range(old: str, new: str) -> Reading | None:
    before, after = (_DAYS.fullmatch(it.replace(" ", "")) for it in (old, new))
    if before and after and int(after[1]) > int(before[1]):
        return Reading(Severity.LOOK, "range-widened", "queries see more days, and may read more")
    return None


def _values(old: str, new: str) -> Reading | None:
    before, after = (set(it.replace(" ", "").split(",")) for it in (old, new))
    if before == after:
        return Reading(Severity.HARMLESS, "same-text", "the same values")
    return Reading(Severity.LOOK, "range-widened", "queries see more") if before < after else None


def _filter(old: str, new: str) -> Reading | None:
    if _tokens(old) == _tokens(new):
        return Reading(Severity.HARMLESS, "same-text", "the same filter")
    before, after = (_tree(_tokens(it)) for it in (old, new))
    if _wider(before, after):
        if _wider(after, before):
            return Reading(Severity.HARMLESS, "same-text", "the same filter")
        return Reading(Severity.LOOK, "filter-widened", "counts one more kind of event, and all that it counted")
    return None


def _tokens(text: str) -> tuple[str, ...]:
    """Words and signs; what stands between quotation marks is one word."""
    found: list[str] = []
    for part in _QUOTED.split(text):
        found += [part] if part.startswith('"') else _SIGNS.sub(r" \1 ", part).split()
    return tuple(found)


# A test of a filter, or tests with the sign between them.
_Tree = tuple[str, tuple["_Tree", ...]]


def _tree(words: tuple[str, ...]) -> _Tree:
    """A filter by its parentheses; where a level has both signs, it stays one text, as its order is not known."""
    while len(words) > 1 and (words[0], words[-1]) in (("(", ")"), ("{", "}")) and _closes(words) == len(words) - 1:
        words = words[1:-1]
    parts: list[list[str]] = [[]]
    signs: set[str] = set()
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if depth == 0 and word in ("||", "&&"):
            signs.add(word)
            parts.append([])
        else:
            parts[-1].append(word)
    if len(signs) != 1:
        return " ".join(words), ()
    return signs.pop(), tuple(_tree(tuple(it)) for it in parts)


def _closes(words: tuple[str, ...]) -> int:
    """Where the first parenthesis is closed."""
    depth = 0
    for number, word in enumerate(words):
        depth += (word in "({") - (word in ")}")
        if depth == 0:
            return number
    return -1


def _wider(old: _Tree, new: _Tree) -> bool:
    """Whether a filter lets through all that another one does, as far as its parts show it."""
    if old == new:
        return True
    if old[0] == "||":
        return all(_wider(it, new) for it in old[1])
    if new[0] == "&&":
        return all(_wider(old, it) for it in new[1])
    if new[0] == "||" and any(_wider(old, it) for it in new[1]):
        return True
    return old[0] == "&&" and any(_wider(it, new) for it in old[1])


def _content_security(old: str, new: str) -> Reading | None:
    before, after = (_directives(it) for it in (old, new))
    if before == after:
        return Reading(Severity.HARMLESS, "same-text", "the same directives")
    base = before.get("default-src")
    narrower = all(name in after and after[name] <= sources for name, sources in before.items())
    # A directive of its own stands in the place of the default.
    if narrower and all(name in before or (base is not None and its <= base) for name, its in after.items()):
        return Reading(Severity.LOOK, "headers-added", "browsers load less: see that no page needs what is refused now")
    return None


def _directives(text: str) -> dict[str, frozenset[str]]:
    words = [part.split() for part in text.split(";")]
    return {it[0].lower(): frozenset(it[1:]) - {"'none'"} for it in reversed(words) if it}


def _stronger(order: tuple[str, ...], rule: str, says: str) -> _Read:
    def read(old: str, new: str) -> Reading | None:
        if old in order and new in order and order.index(new) > order.index(old):
            return Reading(Severity.LOOK, rule, says)
        return None

    return read


def _script(old: str, new: str) -> Reading | None:
    """JavaScript, by lines: comments of their own, blank lines and indentation say nothing."""
    if any(sign in text for sign in ("`", "/*", "\\\n") for text in (old, new)):
        return None
    if list(_lines(old)) == list(_lines(new)):
        return Reading(Severity.HARMLESS, "comments-only", "the same instructions")
    return None


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if (kept := line.strip()) and not kept.startswith("//"):
            yield kept


_READ: Final[dict[str, _Read]] = {
    "ContentSecurityPolicy": _content_security,
    "FilterPattern": _filter,
    "FrameOption": _stronger(_FRAMES, "headers-added", "fewer pages may frame it"),
    "FunctionCode": _script,
    "MinimumProtocolVersion": _stronger(_PROTOCOLS, "tls-policy", "old clients are refused"),
    "ReferrerPolicy": _stronger(_REFERRERS, "headers-added", "other pages learn less"),
    "ScheduleExpression": _schedule,
    "projection.day.range": _range,
    "projection.region.values": _values,
}
