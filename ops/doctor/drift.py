"""What was changed by hand, as far as CloudFormation can compare."""

from ops.doctor.finding import Evidence, Notes
from ops.stacks.drift import Drift


def note_drift(notes: Notes, drift: Drift) -> None:
    """Note every resource that differs from its template and is not expected to."""
    if not drift.unexpected:
        notes.healthy("nothing was changed by hand, as far as CloudFormation can compare")
        return
    notes.found(
        "drift",
        count=len(drift.unexpected),
        evidence=tuple(
            Evidence(
                resource.stack,
                f"{resource.logical_id} ({resource.resource_type}) {resource.status}"
                + "".join(f"; {one.path}: {one.expected} became {one.actual}" for one in resource.differences),
            )
            for resource in drift.unexpected
        ),
    )
