"""Lower rate limits of a firewall."""

from collections.abc import Iterator
from typing import Final

from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Subject, look
from ops.templates.values import at, items, mapping, number, written

_LIMIT: Final = ("Statement", "RateBasedStatement", "Limit")


def rate_limits(comparison: Comparison) -> Iterator[Finding]:
    """Findings about rules that refuse one client after fewer requests.

    An allowing rule would let in more, and one that counts all clients together would refuse everybody.
    """
    for change in comparison.changes:
        if change.type == "AWS::WAFv2::WebACL" and change.kind is Kind.CHANGED:
            yield from _lower_limits(change)


def _lower_limits(change: Change) -> Iterator[Finding]:
    before = {written(at(it, "Name")): at(it, *_LIMIT) for it in items(change.before("Rules"))}
    for rule in items(change.after("Rules")):
        name = written(at(rule, "Name"))
        old, new = number(before.get(name)), number(at(rule, *_LIMIT))
        of_one = at(rule, *_LIMIT[:-1], "AggregateKeyType") == "IP" and list(mapping(at(rule, "Action"))) == ["Block"]
        if of_one and old is not None and new is not None and old / 2 <= new < old:
            message = f"`{name}` refuses one client after fewer requests, {new:g} rather than {old:g}"
            yield look(change, Subject.EXPOSURE, "not-judged", message, "/".join(("Rules", f"Name={name}", *_LIMIT)))
