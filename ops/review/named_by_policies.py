"""Resources that get another name, while ARNs in policies still contain the old one."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from installation.permissions.wildcards import matches_pattern
from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Subject, risk
from ops.templates.values import items, mapping, may_mention, walk, written

_REFERENCE: Final = re.compile(r"\$\{[^}]*\}")
_RESOURCES: Final = ("Resource", "NotResource")
# Services whose name in ARNs differs from the one in resource types (service authorization reference).
_SERVICES: Final[Mapping[str, str]] = {"elasticloadbalancingv2": "elasticloadbalancing", "stepfunctions": "states"}
_PARTS: Final = 6


def named_by_policies(comparison: Comparison) -> Iterator[Finding]:
    """Findings about policies that no longer cover a resource because of its new name."""
    renamed = [(change, *names) for change in comparison.changes for names in _names(change)]
    if not renamed:
        return
    arns = dict(_arns(comparison))
    for change, old, new in renamed:
        service = change.type.split("::")[1].lower()
        service = _SERVICES.get(service, service)
        for (of_service, pattern), path in arns.items():
            if of_service == service and matches_pattern(old, pattern) and not matches_pattern(new, pattern):
                message = f"the policy of `{path}` names it as `{pattern}`, and is not about `{new}`"
                yield risk(change, Subject.PERMISSIONS, "name-in-policy", message)


def _names(change: Change) -> Iterator[tuple[str, str]]:
    """Each name of a resource that changes, before and after."""
    for name in change.names if change.kind is Kind.CHANGED else ():
        old, new = (side(*name.split("/")) for side in (change.before, change.after))
        if isinstance(old, str) and isinstance(new, str) and old != new:
            yield old, new


def _arns(comparison: Comparison) -> Iterator[tuple[tuple[str, str], str]]:
    """Service and name in every literal ARN in policies, with the construct path of the policy's resource."""
    for sides in comparison.sides.values():
        for logical_id, resource in sides.after.items():
            for part in walk(resource) if may_mention(resource, b"Effect") else ():
                if "Effect" not in part:
                    continue
                values = [it for name in _RESOURCES for it in items(part.get(name))]
                for tests in mapping(part.get("Condition")).values():
                    values += [it for wanted in mapping(tests).values() for it in items(wanted)]
                for value in values:
                    arn = _REFERENCE.sub("X", written(value)).split(":", _PARTS - 1)
                    if len(arn) == _PARTS:
                        yield (arn[2], re.split("[:/]", arn[-1], maxsplit=1)[-1]), sides.path(logical_id)
