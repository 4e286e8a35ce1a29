"""New cache behaviors that answer as those did that answered before, and lower limits of a firewall."""

import re
from collections.abc import Iterator
from typing import Final

from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Subject, look
from ops.templates.values import Json, at, canonical, items, mapping, number, written

_NO_MATTER: Final = ("PathPattern", "Compress")
_PROTOCOLS: Final = "ViewerProtocolPolicy"
_LIMIT: Final = ("Statement", "RateBasedStatement", "Limit")
_BY_TLS: Final = ("https-only", "redirect-to-https")


def behaviors(comparison: Comparison) -> Iterator[Finding]:
    """Findings about new cache behaviors: of all that might have answered before, each has the same settings.

    Findings, too, about rules that refuse one client after fewer requests: an allowing rule would let in more, and one
    that counts all clients together would refuse everybody.
    """
    for change in comparison.changes:
        if change.type == "AWS::CloudFront::Distribution" and change.kind is Kind.CHANGED:
            yield from _new_behaviors(change)
        elif change.type == "AWS::WAFv2::WebACL" and change.kind is Kind.CHANGED:
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


def _new_behaviors(change: Change) -> Iterator[Finding]:
    config = mapping(change.after("DistributionConfig"))
    known = {_path(it) for it in items(change.before("DistributionConfig", "CacheBehaviors"))}
    listed = items(config.get("CacheBehaviors"))
    for place, behavior in enumerate(listed):
        if (path := _path(behavior)) in known:
            continue
        former = [*(it for it in listed[place + 1 :] if _overlap(path, _path(it))), config.get("DefaultCacheBehavior")]
        protocols = at(behavior, _PROTOCOLS)
        without = (*_NO_MATTER, _PROTOCOLS) if protocols in _BY_TLS else _NO_MATTER
        if all(_settings(behavior, without) == _settings(it, without) for it in former):
            refused = protocols == "https-only" and any(at(it, _PROTOCOLS) != protocols for it in former)
            message = f"`{path}` is answered as before, with the same origin, cache and functions"
            message += "; who asks for it by http is refused now" if refused else ""
            path_of_it = f"DistributionConfig/CacheBehaviors/PathPattern={path.replace('/', '~1')}"
            yield look(change, Subject.MONTH, "edge-settings", message, path_of_it)


def _path(behavior: Json) -> str:
    return written(at(behavior, "PathPattern"))


def _overlap(path: str, other: str) -> bool:
    """Whether a request may have both paths, by what they begin with."""
    first, second = (re.split(r"[*?]", it.lstrip("/"))[0] for it in (path, other))
    return first.startswith(second) or second.startswith(first)


def _settings(behavior: Json, without: tuple[str, ...]) -> str:
    return canonical({name: it for name, it in mapping(behavior).items() if name not in without})
