"""New cache behaviors of a distribution that answer as the behaviors did that answered before."""

import re
from collections.abc import Iterator
from typing import Final

from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Subject, look
from ops.templates.values import Json, at, canonical, items, mapping, written

_NO_MATTER: Final = ("PathPattern", "Compress")
_PROTOCOLS: Final = "ViewerProtocolPolicy"
_BY_TLS: Final = ("https-only", "redirect-to-https")


def behaviors(comparison: Comparison) -> Iterator[Finding]:
    """Findings about new cache behaviors: of all that might have answered before, each has the same settings."""
    for change in comparison.changes:
        if change.type == "AWS::CloudFront::Distribution" and change.kind is Kind.CHANGED:
            yield from _new_behaviors(change)


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
            property_path = f"DistributionConfig/CacheBehaviors/PathPattern={path.replace('/', '~1')}"
            yield look(change, Subject.MONTH, "edge-settings", message, property_path)


def _path(behavior: Json) -> str:
    return written(at(behavior, "PathPattern"))


def _overlap(path: str, other: str) -> bool:
    """Whether a request may have both paths, by what they begin with."""
    first, second = (re.split(r"[*?]", it.lstrip("/"))[0] for it in (path, other))
    return first.startswith(second) or second.startswith(first)


def _settings(behavior: Json, without: tuple[str, ...]) -> str:
    return canonical({name: it for name, it in mapping(behavior).items() if name not in without})
