"""A rehearsal in which CloudFormation takes as long as on AWS: each resource is complete after its typical time.

The emulator makes one resource after the other. Here each is made when it may begin, and is said to be complete when
its time is over, while the next one is made: what depends on nothing that is in progress is in progress beside it.
Times pass by the server's clock factor. Only what is made takes its time: of changes and deletions none is known.
"""

from embedded_aws.cloudformation.durations.rehearsal import Rehearsal
from embedded_aws.cloudformation.durations.replay import FastClock
from embedded_aws.core.context import ServerContext
from embedded_aws.core.control import Control
from installation.aws_facts.durations import load_durations


def install(context: ServerContext, control: Control) -> None:
    """Let resources take their time, where the server was started so. Installed behind all that makes resources."""
    rehearsal = Rehearsal(FastClock(context.clock_factor), load_durations())
    if context.typical_durations:
        rehearsal.install()
    control.add(
        "durations",
        lambda _method, _body: (200, {"replayed": context.typical_durations, "stacks": dict(rehearsal.seconds)}),
    )
