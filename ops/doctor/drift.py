"""What was changed by hand, as far as CloudFormation can compare."""

from installation.settings import Settings
from ops.doctor.finding import Evidence, Notes, Remediation
from ops.stacks.drift import Drift


def note_drift(notes: Notes, drift: Drift, settings: Settings) -> None:
    """Note every resource that differs from its template and is not expected to."""
    if not drift.unexpected:
        notes.healthy("nothing was changed by hand, as far as CloudFormation can compare")
        return
    notes.add(
        "drift",
        f"{len(drift.unexpected)} resource(s) are not as their templates say: they were changed by hand.",
        level="notice",
        evidence=tuple(
            Evidence(
                resource.stack,
                f"{resource.logical_id} ({resource.resource_type}) {resource.status}"
                + "".join(f"; {one.path}: {one.expected} became {one.actual}" for one in resource.differences),
            )
            for resource in drift.unexpected
        ),
        remediations=(Remediation("see all of it, and what to do", f"hannibal drift --env {settings.environment}"),),
    )
