"""What was changed by hand, as far as CloudFormation can compare."""

from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence
from ops.stacks.drift import Drift


def note_drift(examiner: Examiner, drift: Drift) -> None:
    """Note every resource that differs from its template and is not expected to."""
    if not drift.unexpected:
        examiner.healthy("nothing was changed by hand, as far as CloudFormation can compare")
        return
    examiner.found(
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
