"""AWS's Fault Injection Service: templates of this installation, and experiments."""

from typing import Final
from uuid import uuid4

from installation.names import COMPUTE_STACK, EXERCISE_OUTPUTS
from ops.aws.clients import Aws
from ops.aws.polling import wait_at_most
from ops.errors import FailedError
from ops.stacks.state import read_output

_ENDED: Final = ("completed", "stopped", "failed", "cancelled")
# FIS begins within seconds, and its actions, stopping a task or requesting a restart of RDS, end as fast.
_LONGEST: Final = 300.0


def find_template(aws: Aws, fault: str) -> str | None:
    """Id of the template for a fault; None where the setting `exercises` is off, or no month runs."""
    return read_output(aws, COMPUTE_STACK, EXERCISE_OUTPUTS[fault])


def run_experiment(aws: Aws, template: str) -> str:
    """Begin an experiment and wait until its action is done; returns its id.

    Raises:
        FailedError: FIS stopped it, as it does while an alarm is in ALARM, or could not carry it out.
    """
    # Without tags, which would need another permission.
    started = aws.fis.start_experiment(clientToken=str(uuid4()), experimentTemplateId=template)
    identifier = started["experiment"]["id"]

    def ended() -> "tuple[str, str] | None":
        state = aws.fis.get_experiment(id=identifier)["experiment"].get("state", {})
        status = state.get("status", "")
        return (status, state.get("reason", "")) if status in _ENDED else None

    try:
        found = wait_at_most(_LONGEST, ended, aws.polling)
    except BaseException:
        aws.fis.stop_experiment(id=identifier)
        raise
    if found is None:
        aws.fis.stop_experiment(id=identifier)
        raise FailedError(f"the experiment {identifier} did not end within five minutes, and was stopped")
    status, reason = found
    if status != "completed":
        raise FailedError(f"the experiment {identifier} is {status}: {reason}")
    return identifier
