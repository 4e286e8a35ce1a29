"""A rehearsal in which CloudFormation takes as long as on AWS: each resource completes after its typical time.

The emulator creates one resource after the other. Here each is created when it may begin, and is reported as complete
after its time, while the next one is created: resources that do not depend on each other are in progress together.
Times use the server's clock factor. Only creations take their time: for changes and deletions, none is known.
"""

from embedded_aws.cloudformation.durations.rehearsal import Rehearsal
from embedded_aws.cloudformation.durations.replay import FastClock
from embedded_aws.core.context import ServerContext
from embedded_aws.core.control import Control
from installation.aws_facts.durations import load_durations


def install(context: ServerContext, control: Control) -> None:
    """Apply typical times, if the server was started with them. Installed after everything that creates resources."""
    rehearsal = Rehearsal(FastClock(context.clock_factor), load_durations())
    if context.typical_durations:
        rehearsal.install()
    control.add(
        "durations",
        lambda _method, _body: (200, {"replayed": context.typical_durations, "stacks": dict(rehearsal.seconds)}),
    )
