"""What AWS refuses although each value by itself is allowed: the deployment would fail."""

from collections.abc import Iterator
from typing import Final

from installation.settings_sections import FARGATE_MEMORY_MIB
from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Severity, Subject, about
from ops.templates.quantities import quantity
from ops.templates.resource_types import TASK_DEFINITION
from ops.templates.values import at, canonical, items, mapping, references, written

_TRACES: Final = ("xray:*", "xray:Put*", "xray:PutTraceSegments", "AWSXRayDaemonWriteAccess", "AWSXrayWriteOnlyAccess")


def refused(comparison: Comparison) -> Iterator[Finding]:
    """Findings about what AWS refuses."""
    for change in comparison.changes:
        if change.kind is Kind.REMOVED:
            continue
        yield from _size(change)
        yield from _traced(change, comparison)


def _size(change: Change) -> Iterator[Finding]:
    """Fargate has fixed pairs (ECS developer guide, "Task size")."""
    if change.type != TASK_DEFINITION or not (change.differs("Cpu") or change.differs("Memory")):
        return
    cpu, memory = (quantity(written(change.after(name))) for name in ("Cpu", "Memory"))
    if "FARGATE" not in items(change.after("RequiresCompatibilities")) or cpu is None or memory is None:
        return
    if int(cpu) in FARGATE_MEMORY_MIB and memory not in FARGATE_MEMORY_MIB[int(cpu)]:
        message = f"`Cpu` `{cpu:g}` with `Memory` `{memory:g}` is no size of Fargate: ECS refuses it"
        yield about(change, Subject.MONTH, Severity.RISK, "size-changed", message, claims=("Cpu", "Memory"))


def _traced(change: Change, comparison: Comparison) -> Iterator[Finding]:
    """Lambda asks whether the role may write traces (CreateFunction, TracingConfig)."""
    if change.type != "AWS::Lambda::Function" or change.after("TracingConfig", "Mode") != "Active":
        return
    if change.before("TracingConfig", "Mode") == "Active":
        return
    resources = mapping(comparison.sides[change.stack].head_template.get("Resources"))
    roles = set(references(change.after("Role")))
    policies = [
        it for key, it in resources.items() if key in roles or roles & set(references(at(it, "Properties", "Roles")))
    ]
    if roles and not any(action in canonical(policies) for action in _TRACES):
        message = "is traced, and its role may not write traces (`xray:PutTraceSegments`): Lambda refuses it"
        yield about(change, Subject.MONTH, Severity.RISK, "function-changed", message, claims=("TracingConfig",))
