"""The remediations that `--fix` may carry out: each only undoes or repeats something, and cannot lose data."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from ops.aws.clients import Aws
from ops.aws.polling import wait_at_most
from ops.errors import FailedError
from ops.frontend.invalidation import EVERYTHING, invalidate
from ops.release.deployment import stop_deployment
from ops.stacks.state import read_stack

_MOST_SECONDS = 3600.0
# For this long CloudFormation may still show the previous state (aws-cdk-cli #1802).
_SECONDS_UNTIL_SHOWN = 15.0


@dataclass(frozen=True, kw_only=True)
class ContinueRollback:
    """Continues a failed rollback."""

    stack: str  # name of the stack
    skip: tuple[str, ...]  # logical ids of resources that stay as they are if the rollback fails once more

    @property
    def question(self) -> str:
        """What is about to be done."""
        skipping = f", and if that fails again, without {', '.join(self.skip)}" if self.skip else ""
        return f"Continue the rollback of {self.stack}{skipping}?"

    def carry_out(self, aws: Aws) -> str:
        """Continue without skipping, because skipped resources differ from their template; if that fails, skip them.

        Raises:
            FailedError: the rollback fails again.
        """
        status = self._continue(aws, ())
        if status == "UPDATE_ROLLBACK_FAILED" and self.skip:
            status = self._continue(aws, self.skip)
            if status == "UPDATE_ROLLBACK_COMPLETE":
                return f"{self.stack} is rolled back but for {', '.join(self.skip)}, which stay as they are"
        if status != "UPDATE_ROLLBACK_COMPLETE":
            raise FailedError(
                f"the rollback of {self.stack} failed again: it is {status}", "See `hannibal doctor stack`"
            )
        return f"{self.stack} is rolled back"

    def _continue(self, aws: Aws, skip: tuple[str, ...]) -> str:
        skipping: Any = {"ResourcesToSkip": list(skip)} if skip else {}
        # The token makes botocore's retry after a lost answer harmless: the rollback is already running then.
        aws.cloudformation.continue_update_rollback(StackName=self.stack, ClientRequestToken=uuid4().hex, **skipping)
        in_progress, until = False, aws.polling.clock() + _SECONDS_UNTIL_SHOWN

        def ended() -> str | None:
            nonlocal in_progress
            stack = read_stack(aws, self.stack)
            in_progress = in_progress or bool(stack and stack.in_progress)
            status = stack.status if stack else "gone"
            known = in_progress or status != "UPDATE_ROLLBACK_FAILED" or aws.polling.clock() >= until
            return None if not known or (stack and stack.in_progress) else status

        if status := wait_at_most(_MOST_SECONDS, ended, aws.polling):
            return status
        raise FailedError(f"the rollback of {self.stack} still goes on", "Watch it: `hannibal status`")


@dataclass(frozen=True, kw_only=True)
class InvalidateCache:
    """Invalidates everything that CloudFront has cached."""

    distribution: str  # id of the distribution

    @property
    def question(self) -> str:
        """What is about to be done."""
        return f"Invalidate everything that {self.distribution} has cached?"

    def carry_out(self, aws: Aws) -> str:
        """Create the invalidation; it takes effect within about five minutes."""
        made = invalidate(aws, self.distribution, EVERYTHING)
        return f"invalidation {made.invalidation_id} is {made.status}"


@dataclass(frozen=True, kw_only=True)
class StopRelease:
    """Stops a running release, which rolls it back."""

    deployment: str  # id of the deployment

    @property
    def question(self) -> str:
        """What is about to be done."""
        return f"Stop release {self.deployment} and have all traffic go back to what ran before?"

    def carry_out(self, aws: Aws) -> str:
        """Stop the deployment; CodeDeploy moves traffic back by itself."""
        done = "is stopped" if stop_deployment(aws, self.deployment) else "has ended already"
        return f"{self.deployment} {done}; watch it to its end: `hannibal release --wait`"
