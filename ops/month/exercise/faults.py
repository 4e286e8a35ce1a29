"""What causes each fault: AWS's Fault Injection Service, the embedded AWS, or the command itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal
from uuid import uuid4

from installation.names import COMPUTE_STACK, EXERCISE_OUTPUTS
from ops.aws.clients import Aws
from ops.aws.embedded import NotEmbeddedError, ask, ask_for
from ops.aws.polling import wait_at_most
from ops.errors import FailedError, RefusedError
from ops.month.exercise.exercise import BAD_RELEASE, BY_FIS, RESTORE_TRIED, Exercise
from ops.month.restore.trial import newest_restorable
from ops.service.ecs_service import read_service
from ops.stacks.state import read_output

_ENDED: Final = ("completed", "stopped", "failed", "cancelled")
# FIS begins within seconds, and its actions, stopping a task or requesting a restart of RDS, end as fast.
_LONGEST: Final = 300.0
Way = Literal["FIS", "embedded AWS", "command"]
# The embedded AWS's names of faults.
_KINDS: Final = {
    "task-stops": "task_stops",
    "database-restarts": "database_restarts",
    "database-storage-fills": "storage_fills",
    "zone-lost": "zone_lost",
}
# Why a fault is impossible in an account, and what to do.
_NO_WAY: Final = {
    "database-storage-fills": "nothing fills a real disk on purpose here, because RDS enlarges it and never makes it "
    "smaller: run it on the embedded AWS (`hannibal local up`)",
    "zone-lost": "FIS would need rights over all network access lists of the account, which no role here has: run it "
    "on the embedded AWS (`hannibal local up`)",
}
BAD_IMAGE: Final = "public.ecr.aws/hannibal/exercise:never-healthy"


def clock_factor(endpoint: str | None) -> float:
    """Seconds of the embedded AWS's clock per second of this machine; 1 on AWS."""
    clock = ask_for(dict[str, float], endpoint, "clock")
    return clock.get("factor", 1.0) if clock else 1.0


@dataclass(frozen=True, kw_only=True)
class FaultInEffect:
    """A fault that the embedded AWS simulates until it is ended."""

    kind: str  # such as ``storage_fills``
    pattern: str  # what it affects

    @property
    def text(self) -> str:
        """Its description in one line."""
        return f"the embedded AWS gets the fault {self.kind} for {self.pattern}"


def faults_in_effect(endpoint: str | None) -> tuple[FaultInEffect, ...]:
    """Faults that a killed exercise left, or a person injected; none on AWS."""
    return ask_for(tuple[FaultInEffect, ...], endpoint, "faults") or ()


def end_all(endpoint: str) -> None:
    """End all faults; FailedError where the endpoint cannot inject any."""
    _ask(endpoint, "DELETE")


def _ask(endpoint: str, method: str, content: dict[str, str] | None = None) -> None:
    try:
        ask(endpoint, "faults", method=method, content=content)
    except NotEmbeddedError as error:
        raise FailedError(f"{endpoint} injects no faults: {error}") from error


def run_experiment(aws: Aws, template: str) -> str:
    """Begin an experiment and wait until its action is done; returns its id.

    Raises:
        FailedError: FIS stopped it, as it does while an alarm is in ALARM, or could not carry it out.
    """
    # Without tags, which would need another permission.
    started = aws.fis.start_experiment(clientToken=str(uuid4()), experimentTemplateId=template)
    identifier = started["experiment"]["id"]

    def ended() -> tuple[str, str] | None:
        state = aws.fis.get_experiment(id=identifier)["experiment"].get("state", {})
        status = state.get("status", "")
        return (status, state.get("reason", "")) if status in _ENDED else None

    try:
        outcome = wait_at_most(_LONGEST, ended, aws.polling)
    except BaseException:
        aws.fis.stop_experiment(id=identifier)
        raise
    if outcome is None:
        aws.fis.stop_experiment(id=identifier)
        raise FailedError(f"the experiment {identifier} did not end within five minutes, and was stopped")
    status, reason = outcome
    if status != "completed":
        raise FailedError(f"the experiment {identifier} is {status}: {reason}")
    return identifier


@dataclass(frozen=True, kw_only=True)
class FaultMethod:
    """What causes a fault."""

    way: Way  # which of the three
    endpoint: str | None = None  # endpoint of the embedded AWS; None in an account
    kind: str = ""  # the embedded AWS's kind of fault; empty for none
    pattern: str = ""  # what that fault affects
    template: str = ""  # id of FIS's template
    image: str = ""  # the image of a bad release
    snapshot: str = ""  # the snapshot to restore

    @property
    def text(self) -> str:
        """Its description in one line."""
        if self.way == "FIS":
            return f"by FIS, template {self.template}; it costs 0.10 USD a minute of its action"
        if self.snapshot:
            return f"by this command itself, which restores {self.snapshot} into an instance that is deleted again"
        if self.way == "command":
            return f"by this command itself, which releases {self.image}; FIS cannot"
        return f"by the embedded AWS, which gets the fault {self.kind} for {self.pattern}"


def find_fault_method(aws: Aws, exercise: Exercise, endpoint: str | None, image: str | None) -> FaultMethod | str:
    """What can cause a fault here; where nothing can, why not and what to do."""
    fault = exercise.fault
    if fault == BAD_RELEASE:
        return _bad_release(endpoint, image)
    if fault == RESTORE_TRIED:
        try:
            return FaultMethod(way="command", snapshot=newest_restorable(aws))
        except RefusedError as error:
            return str(error)
    # The stack has no such output where the setting `exercises` is off.
    if fault in BY_FIS and (template := read_output(aws, COMPUTE_STACK, EXERCISE_OUTPUTS[fault])):
        return FaultMethod(way="FIS", template=template)
    if endpoint is not None:
        return FaultMethod(way="embedded AWS", endpoint=endpoint, kind=_KINDS[fault], pattern=_pattern(aws, exercise))
    if fault in BY_FIS:
        return (
            f"FIS has no template for {fault} here: set `exercises: true` in config/{aws.settings.environment}.yaml, "
            "deploy ComputeStack (`npx cdk deploy ComputeStack`), and run it again"
        )
    return _NO_WAY[fault]


def _bad_release(endpoint: str | None, image: str | None) -> FaultMethod | str:
    if image is None and endpoint is None:
        return "a bad release needs an image that does not get healthy: name one of yours by `--image`"
    bad_image = image or BAD_IMAGE
    kind = "" if image or endpoint is None else "never_healthy"
    return FaultMethod(way="command", endpoint=endpoint, kind=kind, pattern=bad_image, image=bad_image)


def _pattern(aws: Aws, exercise: Exercise) -> str:
    if exercise.fault == "task-stops":
        return aws.names.service
    if exercise.fault == "zone-lost":
        service = read_service(aws)
        return next((task.zone for task in service.tasks), "") if service else ""
    return aws.names.database


@contextmanager
def fault_in_effect(method: FaultMethod) -> Iterator[None]:
    """Have the embedded AWS simulate a fault while the block runs; it is ended in any case."""
    if method.endpoint is None or not method.kind:
        yield
        return
    fault = {"kind": method.kind, "pattern": method.pattern}
    _ask(method.endpoint, "POST", fault)
    try:
        yield
    finally:
        _ask(method.endpoint, "DELETE", fault)
