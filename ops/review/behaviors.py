"""New cache behaviors of a distribution that answer as the behaviors did that answered before."""

import re
from collections.abc import Iterator
from typing import Final

from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Subject, look
from ops.templates.values import Json, Map, at, canonical, items, mapping, references, written

_FUNCTIONS: Final = "FunctionAssociations"
_NO_MATTER: Final = ("PathPattern", "Compress")
_REFUSES: Final = "statusCode"  # a function that answers itself has to say with which status


def behaviors(comparison: Comparison) -> Iterator[Finding]:
    """Findings about new cache behaviors: of all that might have answered before, each has the same settings."""
    for change in comparison.changes:
        if change.type == "AWS::CloudFront::Distribution" and change.kind is Kind.CHANGED:
            yield from _new_behaviors(change, comparison)


def _new_behaviors(change: Change, comparison: Comparison) -> Iterator[Finding]:
    config = mapping(change.after("DistributionConfig"))
    known = {_path(it) for it in items(change.before("DistributionConfig", "CacheBehaviors"))}
    listed = items(config.get("CacheBehaviors"))
    for number, behavior in enumerate(listed):
        if (path := _path(behavior)) in known:
            continue
        former = [*(it for it in listed[number + 1 :] if _overlap(path, _path(it))), config.get("DefaultCacheBehavior")]
        if all(_is_alike(behavior, it, change, comparison) for it in former):
            message = f"`{path}` is answered as before, from the same origin and cache"
            place = f"DistributionConfig/CacheBehaviors/PathPattern={path.replace('/', '~1')}"
            yield look(change, Subject.MONTH, "edge-settings", message, place)


def _path(behavior: Json) -> str:
    return written(at(behavior, "PathPattern"))


def _overlap(path: str, other: str) -> bool:
    """Whether a request may have both paths, by what they begin with."""
    first, second = (re.split(r"[*?]", it.lstrip("/"))[0] for it in (path, other))
    return first.startswith(second) or second.startswith(first)


def _is_alike(behavior: Json, other: Json, change: Change, comparison: Comparison) -> bool:
    """Whether two behaviors have the same settings; the new one may lack a function that refuses nobody."""
    new, old = (_settings(it) for it in (behavior, other))
    if _FUNCTIONS in old and _FUNCTIONS not in new:
        resources = comparison.sides[change.stack].after
        codes = [written(at(resources.get(it), "Properties", "FunctionCode")) for it in references(old[_FUNCTIONS])]
        if codes and all(it and _REFUSES not in it for it in codes):
            del old[_FUNCTIONS]
    return canonical(new) == canonical(old)


def _settings(behavior: Json) -> Map:
    return {name: it for name, it in mapping(behavior).items() if name not in _NO_MATTER}
