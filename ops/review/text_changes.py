"""Texts with their own grammar, compared by their meaning: schedules, filters, ranges, headers, code."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from ops.review.boolean_expressions import tree, wider
from ops.review.defaults import default_of
from ops.review.finding import Severity
from ops.templates.differences import Leaf
from ops.templates.values import number, quantity, text_of

T = TypeVar("T")
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_MINUTES: Final = {"minute": 1, "hour": 60, "day": 1440}
# Once a day, at an hour of its own.
_DAILY: Final = re.compile(r"cron\(\d+ \d+ (\*|\?) \* (\*|\?) \*\)")
_FIELD: Final = re.compile(r"\$\{([\w-]+)\}")
# A comment at the beginning of a line: elsewhere, ``/*`` may be part of a string.
_BLOCK: Final = re.compile(r"^\s*/\*.*?\*/", re.MULTILINE | re.DOTALL)
_DAYS: Final = re.compile(r"NOW-(\d+)DAYS,NOW")
# From the weakest to the strongest (CloudFront, "Supported protocols and ciphers").
_PROTOCOLS: Final = (
    "SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016", "TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025",
    "TLSv1.3_2025",
)  # fmt: skip
# CloudWatch Logs API reference, PutMetricFilter.
_LONGEST_FILTER: Final = 1_024
# Directives that must allow the pages' own sources, with the name of these sources.
_OWN: Final = {"connect-src": "calls", "script-src": "scripts", "style-src": "styles"}
# Directives that let nothing through: they say where browsers report what they refuse.
_REPORTS: Final = ("report-uri", "report-to")
_OWN_PATH: Final = re.compile(r"/(?![/\\])")
_GROUP: Final = re.compile(r"[\w-]+")  # of a header of its own, which names the host
_DRAWN: Final = frozenset({"font-src", "img-src", "media-src"})
_HOST: Final = re.compile(r"https://[\w.-]+(:\d+)?(/[^*]*)?")
# Values of headers, from the weakest to the strictest.
_FRAMES: Final = ("SAMEORIGIN", "DENY")
_REFERRERS: Final = (
    "unsafe-url", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "strict-origin-when-cross-origin",
    "strict-origin", "same-origin", "no-referrer",
)  # fmt: skip


@dataclass(frozen=True)
class TextChange:
    """The meaning of a text's change."""

    severity: Severity  # of the finding
    rule: str
    says: str  # what the change does


_Directives = dict[str, frozenset[str]]
_Read = Callable[[str, str], TextChange | None]


def text_change(leaf: Leaf, resource_type: str = "") -> TextChange | None:
    """The meaning of a text's change by its grammar; None where the grammar does not give it."""
    read = _READ.get(leaf.path[-1])
    default = default_of(resource_type, leaf.path[1:])
    old, new = (text_of(default if it is None else it) for it in (leaf.old, leaf.new))
    return read(old, new) if read and old and new else None


def _schedule(old: str, new: str) -> TextChange | None:
    if old.startswith("cron(") and old.replace("?", "*") == new.replace("?", "*"):
        return TextChange(Severity.HARMLESS, "same-text", "the same schedule")  # both characters mean any day
    before, after = _minutes(old), _MINUTES["day"] if _DAILY.fullmatch(new) else _minutes(new)
    if before is None or after is None or after > before:
        return None
    if before == after and not new.startswith("cron("):
        return TextChange(Severity.HARMLESS, "same-text", "the same schedule")
    return TextChange(Severity.LOOK, "schedule-denser", "happens as often as before, or more often")


def _minutes(text: str) -> int | None:
    found = _RATE.fullmatch(text.strip())
    return int(found[1]) * _MINUTES[found[2]] if found else None


def _range(old: str, new: str) -> TextChange | None:
    before, after = (_DAYS.fullmatch(it.replace(" ", "")) for it in (old, new))
    if before and after and int(after[1]) > int(before[1]):
        return TextChange(Severity.LOOK, "range-widened", "queries see more days, and may read more")
    return None


def _filter(old: str, new: str) -> TextChange | None:
    if len(new) > _LONGEST_FILTER:
        message = f"has {len(new):,} characters: CloudWatch Logs takes {_LONGEST_FILTER:,}, and the deployment fails"
        return TextChange(Severity.RISK, "filter-refused", message)
    more = TextChange(Severity.LOOK, "filter-widened", "lets through one more kind of event, and all that it did")
    return _grown(tree(old), tree(new), wider, more, "the same filter")


def _alarm_rule(old: str, new: str) -> TextChange | None:
    before, after = (tree(it, conjunction="AND", alternative="OR") for it in (old, new))
    more = TextChange(Severity.LOOK, "alarm-stricter", "goes into ALARM for what it did, and for more")
    return _grown(before, after, wider, more, "the same rule")


def _fields(old: str, new: str) -> TextChange | None:
    before, after = (set(_FIELD.findall(it)) for it in (old, new))
    more = TextChange(Severity.LOOK, "monitoring-changed", "each line says more")
    return _grown(before, after, set.issubset, more, "the same fields") if before else None


def _values(old: str, new: str) -> TextChange | None:
    before, after = (set(it.replace(" ", "").split(",")) for it in (old, new))
    more = TextChange(Severity.LOOK, "range-widened", "queries see more")
    return _grown(before, after, set.issubset, more, "the same values")


def _grown(before: T, after: T, covers: Callable[[T, T], bool], more: TextChange, same: str) -> TextChange | None:
    """A condition that is still true for everything as before, and for more; or a list with all that it had.

    `covers` says whether its second argument has everything of the first; `more` is the change where it has more.
    """
    if not covers(before, after):
        return None
    return TextChange(Severity.HARMLESS, "same-text", same) if covers(after, before) else more


def _equal_form(form: Callable[[str], object], message: str, old: str, new: str) -> TextChange | None:
    """Texts with the same meaning in another form."""
    before, after = (form(it) for it in (old, new))
    return TextChange(Severity.HARMLESS, "same-text", message) if before is not None and before == after else None


def _sums(text: str) -> str | None:
    """A metric math expression, parsed as Python, with sorted operands of sums and products; None where it fails."""
    try:
        return _sorted_expression(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _sorted_expression(node: ast.expr) -> str:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult):
        kind = type(node.op)
        parts = sorted(_sorted_expression(it) for it in _operands(node, kind))
        return f"{kind.__name__}({', '.join(parts)})"
    if isinstance(node, ast.BinOp):
        return f"{type(node.op).__name__}({_sorted_expression(node.left)}, {_sorted_expression(node.right)})"
    if isinstance(node, ast.Call) and not node.keywords:
        return f"{ast.dump(node.func)}({', '.join(_sorted_expression(it) for it in node.args)})"
    return ast.dump(node)


def _operands(node: ast.expr, kind: type[ast.operator]) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, kind):
        yield from _operands(node.left, kind)
        yield from _operands(node.right, kind)
    else:
        yield node


def _content_security(old: str, new: str) -> TextChange | None:
    before, after = (_directives(it) for it in (old, new))
    if before == after:
        return TextChange(Severity.HARMLESS, "same-text", "the same directives")
    reported_before, reported = (set().union(*(it.pop(name, ()) for name in _REPORTS)) for it in (before, after))
    if more_hosts := [it for it in reported - reported_before if not _OWN_PATH.match(it) and not _GROUP.fullmatch(it)]:
        message = f"browsers tell {', '.join(sorted(more_hosts))} which pages users open"
        return TextChange(Severity.RISK, "headers-weakened", message)
    if before == after:
        return TextChange(Severity.LOOK, "headers-added", "browsers report otherwise what they refuse")
    base = before.get("default-src")
    own = {"'self'", "*", "https:"}
    if shut := [name for name in _OWN if _sources(before, name) & own and not _sources(after, name)]:
        message = f"browsers refuse the pages' own {', '.join(_OWN[name] for name in shut)}: nothing is let through"
        return TextChange(Severity.RISK, "headers-weakened", message)
    if _adds_only_media_hosts(before, after):
        return TextChange(Severity.LOOK, "headers-weakened", "pages may load images, fonts or media from one more host")
    narrower = all(name in after and after[name] <= sources for name, sources in before.items())
    # A directive replaces the default for its kind.
    if narrower and all(name in before or (base is not None and its <= base) for name, its in after.items()):
        says = "browsers load less: see that no page needs what is refused now"
        return TextChange(Severity.LOOK, "headers-added", says)
    more = [f"`{name}`" for name in {**before, **after} if not _sources(after, name) <= _sources(before, name)]
    message = f"browsers let through more than before by {', '.join(more)}"
    return TextChange(Severity.RISK, "headers-weakened", message) if more else None


def _sources(directives: _Directives, name: str) -> frozenset[str]:
    """The sources that a directive allows: without it, those of the default; without a default, all."""
    return directives.get(name, directives.get("default-src", frozenset("*")))


def _adds_only_media_hosts(before: _Directives, after: _Directives) -> bool:
    """Whether the only difference is more fonts, images or media from named hosts over TLS."""
    base = before.get("default-src", frozenset())
    changed = [name for name in {*before, *after} if before.get(name) != after.get(name)]
    more = {source for name in changed for source in after.get(name, frozenset()) - before.get(name, base)}
    kept = all(before.get(name, base) <= after.get(name, frozenset()) for name in changed)
    return set(changed) <= _DRAWN and kept and bool(more) and all(_HOST.fullmatch(it) for it in more)


def _directives(text: str) -> _Directives:
    words = [part.split() for part in text.split(";")]
    return {it[0].lower(): frozenset(it[1:]) - {"'none'"} for it in reversed(words) if it}


def _stronger(order: tuple[str, ...], rule: str, message: str, old: str, new: str) -> TextChange | None:
    if old in order and new in order and order.index(new) > order.index(old):
        return TextChange(Severity.LOOK, rule, message)
    return None


def _script(old: str, new: str) -> TextChange | None:
    """JavaScript, compared by lines: comment lines, blank lines and indentation have no meaning."""
    if any(sign in text for sign in ("`", "\\\n") for text in (old, new)):
        return None
    old, new = (_BLOCK.sub("\n", it) for it in (old, new))
    if not any("/*" in it for it in (old, new)) and list(_lines(old)) == list(_lines(new)):
        return TextChange(Severity.HARMLESS, "comments-only", "the same instructions")
    return None


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if (kept := line.strip()) and not kept.startswith("//"):
            yield kept


_amount = partial(_equal_form, quantity, "the same amount")
_header = partial(_equal_form, str.lower, "the same header: names have no case")
_READ: Final[dict[str, _Read]] = {
    "AlarmRule": _alarm_rule,
    "Amount": _amount,
    "ContentSecurityPolicy": _content_security,
    "Cpu": _amount,
    "Expression": partial(_equal_form, _sums, "the same expression: sums and products have no order"),
    "FilterPattern": _filter,
    "FrameOption": partial(_stronger, _FRAMES, "headers-added", "fewer pages may frame it"),
    "FunctionCode": _script,
    "Header": _header,
    "HeaderName": _header,
    "LogFormat": _fields,
    "Memory": _amount,
    "MinimumProtocolVersion": partial(_stronger, _PROTOCOLS, "tls-policy", "old clients are refused"),
    "ReferrerPolicy": partial(_stronger, _REFERRERS, "headers-added", "other pages learn less"),
    "ScheduleExpression": _schedule,
    "Threshold": partial(_equal_form, number, "the same number"),
    "max-buffer-size": _amount,
    "projection.day.range": _range,
    "projection.region.values": _values,
}
