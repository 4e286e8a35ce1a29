"""Changes that break a running month, by law 4: CodeDeploy ships images, and infrastructure leaves its resources alone.

Why each type matters: with the controller CODE_DEPLOY CloudFormation cannot update the service's task definition or
load balancers, and even a desired count has failed (aws-cdk #7040, #23564, #25777); a stack update that touches a
listener or rule sends production traffic back to the template's target group (aws-cdk #36649).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ops.review.changes import Change, Comparison, Kind
from ops.review.defaults import means_the_same
from ops.review.finding import Finding, Subject, look, quoted, risk, shown
from ops.review.judgements import judgement_of
from ops.templates.resource_types import FROZEN, LISTENERS, SERVICE, TARGET_GROUP, TASK_DEFINITION
from ops.templates.values import Json, at, canonical, items, mapping, number, written

_MOST: Final = 4
# Application Auto Scaling API reference, PutScheduledAction.
_SCHEDULE: Final = re.compile(
    r"cron\(\S+( \S+){5}\)|rate\(\d+ (minute|hour|day)s?\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)"
)
_WHY: Final[Mapping[str, str]] = {
    "listener-changed": "an update sends traffic to the target group that the template names, also when the other one "
    "is live",
    "service-changed": "CloudFormation cannot change a service that CodeDeploy releases to. Wait for the end of the "
    "month",
    "target-group-changed": "the running tasks are registered in it",
}


def running_month(comparison: Comparison) -> Iterator[Finding]:
    """Findings about the effects of a deployment on a running system."""
    for change in comparison.changes:
        if change.kind is Kind.REMOVED and change.type in FROZEN:
            message = "is removed: the running system loses it at once"
            yield risk(change, Subject.MONTH, "traffic-removed", message, "*")
        elif change.kind is Kind.CHANGED and _causes_update(change):
            if rule := _rule(change):
                yield risk(change, Subject.MONTH, rule, f"{_differences_text(change, rule)}; {_WHY[rule]}", "*")
            if change.type == TASK_DEFINITION and not change.only_tags:
                yield _image(change)
            if change.type == "AWS::ApplicationAutoScaling::ScalableTarget" and _only_more_tasks(change):
                message = "`ScheduledActions` are the first: each lets at least as many tasks run as the target says"
                yield look(change, Subject.MONTH, "scaling-changed", message, "ScheduledActions")


def _rule(change: Change) -> str:
    """The rule that forbids a change of the resource within a month; empty where there is none."""
    if change.type == SERVICE:
        return "service-changed"
    if change.type in LISTENERS:  # a rule that forwards nothing moves no traffic
        return "listener-changed" if '"forward"' in canonical([change.old, change.new]) else ""
    moves_nothing = change.type != TARGET_GROUP or change.only_tags or not _changes_value(change)
    return "" if moves_nothing else "target-group-changed"


def _differences_text(change: Change, rule: str) -> str:
    """The differences with their judgements; only property names where a replaced resource causes the change."""
    found = change.property_leaves
    parts = []
    for leaf in found[:_MOST]:
        judgement = judgement_of(change.type, leaf)
        parts.append(shown(leaf) + (f": {judgement.says}" if judgement and judgement.rule == rule else ""))
    more = [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    return "; ".join([*parts, *more] or [f"changes {_changed_names(change)}, because what it refers to is replaced"])


def _causes_update(change: Change) -> bool:
    """Whether CloudFormation would update it: a different order or form alone causes no update."""
    return change.follows or bool(change.property_leaves)


def _changes_value(change: Change) -> bool:
    """Whether a value really changes: writing out a default sets the same value, and moves no traffic."""
    found = change.property_leaves
    return change.follows or not all(means_the_same(change.type, it.path[1:], it.old, it.new) for it in found)


def _only_more_tasks(change: Change) -> bool:
    """Whether scheduled actions are the first of a service's target, and none lowers or more than doubles a limit."""
    actions = items(change.after("ScheduledActions"))
    names = {canonical(at(it, "ScheduledActionName")) for it in actions}
    first = bool(actions) and not change.before("ScheduledActions")
    if not first or len(names) < len(actions) or change.after("ServiceNamespace") != "ecs":
        return False
    return all(_is_more(it, change) for it in actions)


def _is_more(action: Json, change: Change) -> bool:
    """Whether it has a schedule, limits no lower than the target's unchanged ones, and a maximum at most doubled."""
    minimum, maximum = number(change.before("MinCapacity")), number(change.before("MaxCapacity"))
    if minimum != number(change.after("MinCapacity")) or maximum != number(change.after("MaxCapacity")):
        return False
    planned = at(action, "ScalableTargetAction")
    planned_minimum, planned_maximum = number(at(planned, "MinCapacity")), number(at(planned, "MaxCapacity"))
    if minimum is None or maximum is None or planned_minimum is None or planned_maximum is None:
        return False
    known = _SCHEDULE.fullmatch(written(at(action, "Schedule"))) is not None
    within = minimum <= planned_minimum <= planned_maximum and maximum <= planned_maximum <= 2 * maximum
    return known and within


def _image(change: Change) -> Finding:
    before, after = _images(change.before("ContainerDefinitions")), _images(change.after("ContainerDefinitions"))
    images = [name for name in after if before.get(name) != after[name]]
    subject = f"the image of `{images[0]}`" if images else _changed_names(change)
    message = f"a new revision with {subject}: running tasks keep theirs until the next release"
    return look(change, Subject.MONTH, "new-revision", message)


def _images(containers: Json) -> dict[str, str]:
    return {str(at(it, "Name")): str(mapping(it).get("Image")) for it in items(containers)}


def _changed_names(change: Change) -> str:
    return quoted([it.name for it in change.properties] or change.attributes)
