"""Prepares an embedded AWS for a start, as `hannibal bootstrap` prepares an account."""

from datetime import UTC, datetime

from ops.account.caller import Caller
from ops.account.service_linked_roles import create_role, services_without_role
from ops.aws.clients import Aws
from ops.aws.errors import DENIED, ignoring
from ops.errors import FailedError
from ops.stacks import cdk
from ops.stacks.cdk_lock import lock_file
from ops.stacks.checkout import Checkout


def bootstrap_for_cdk(checkout: Checkout, caller: Caller) -> None:
    """Deploy the CDK's own stack with its unchanged template; FailedError with the end of the CDK's output."""
    log = cdk.log_file(checkout, "bootstrap", datetime.now(UTC))
    arguments = cdk.bootstrap_arguments(caller.account, caller.region)
    with cdk.CdkRun(checkout, arguments, log, lock=lock_file(checkout, caller.place)) as run:
        code = run.wait()
    if code != 0:
        raise FailedError("`cdk bootstrap` failed. It said:", *run.log.tail(), f"All of it is in {log}.")


def make_service_linked_roles(aws: Aws) -> None:
    """Create the roles that the month needs: with `--auth`, as on AWS, a first cluster or subnet group needs them."""
    with ignoring(*DENIED):  # a denied caller's account is bootstrapped, and AWS's error says what is missing
        for service in services_without_role(aws):
            create_role(aws, service)
