"""The causes of a stack's newest operation, as evidence."""

import re
from collections.abc import Sequence
from typing import Final

from ops.aws.clients import Aws
from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence
from ops.stacks.events import Event, first_cause, last_operation, read_events
from ops.stacks.state import Stack
from ops.stacks.validation_findings import read_validation_findings

# The start of CloudFormation's reason where its validation stopped an operation.
_VALIDATED: Final = re.compile(r"_FAILED: Validation fail")


def newest_events(aws: Aws, stack: Stack) -> Sequence[Event]:
    """The events of the stack's last operation, oldest first; all events where no operation was begun."""
    events = read_events(aws, stack.stack_id)
    return last_operation(events) or events


def unfinished(events: Sequence[Event]) -> tuple[Event, ...]:
    """The newest events of resources whose operation has not ended."""
    newest = {event.logical_id: event for event in events}
    return tuple(event for event in newest.values() if event.status.endswith("_IN_PROGRESS"))


def first_failure(events: Sequence[Event], source: str = "first cause") -> tuple[Evidence, ...]:
    """The first failure, as evidence."""
    cause = first_cause(events)
    return (Evidence(source, line(cause)),) if cause else ()


def all_causes(examiner: Examiner, stack: Stack) -> tuple[Evidence, ...]:
    """The first cause; where that is the validation, each of its findings, which events only count."""
    causes = first_failure(newest_events(examiner.aws, stack))
    return (*causes, *validation_of(examiner, stack)) if any(_VALIDATED.search(it.text) for it in causes) else causes


def validation_of(examiner: Examiner, stack: Stack) -> tuple[Evidence, ...]:
    """Each validation finding of the newest operation that was validated."""
    found = examiner.read(
        f"the validation of {stack.name}", lambda: read_validation_findings(examiner.aws, stack=stack.stack_id)
    )
    return tuple(
        Evidence(
            "validation" if each.stops else "validation warns",
            f"{each.logical_id} ({each.resource_type}) {each.path}: {each.reason}",
        )
        for each in found or ()
    )


def line(event: Event) -> str:
    """An event in one line."""
    return f"{event.logical_id} ({event.resource_type}) {event.status}: {event.reason or 'no reason given'}"
