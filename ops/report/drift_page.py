"""Drift as Markdown, for an issue."""

from ops.escaping.markdown import code, text
from ops.stacks.drift import Drift


def markdown(drift: Drift, environment: str) -> str:
    """The differences, with advice."""
    if not drift.unexpected:
        limits = " as far as CloudFormation could compare" if drift.unread else ""
        said = f"No drift{limits} in the {len(drift.stacks)} stacks of {environment}."
        return "\n".join((said, *_notes(drift))) + "\n"
    count = len(drift.unexpected)
    subject = "One resource" if count == 1 else f"{count} resources"
    lines = [f"{subject} of {environment} not as the template says:", ""]
    for resource in drift.unexpected:
        lines.append(f"- **{text(resource.status.lower())}**: {code(resource.stack)} {text(resource.logical_id)}")
        lines.append(f"  ({code(resource.resource_type)}, {text(resource.physical_id)})")
        lines += [
            f"  - {code(one.path)}: {code(one.expected) or 'nothing'} became {code(one.actual) or 'nothing'}"
            for one in resource.differences
        ]
    lines += [
        "",
        "Find out who did it with Athena's query of the last 24 hours' calls. Then bring the change into the code, or",
        "undo it by hand: a deploy alone corrects nothing, because CloudFormation touches only what changes in a",
        "template.",
        *_notes(drift),
    ]
    return "\n".join(lines) + "\n"


def _notes(drift: Drift) -> list[str]:
    return ["", *(f"- {text(note)}" for note in drift.notes)] if drift.notes else []
