"""The account before a start: stacks that only an administrator deploys, and the embedded AWS's own preparation."""

from datetime import UTC, datetime
from pathlib import Path

from installation.names import ADMINISTRATOR_STACKS
from ops.account.bootstrap.change_set import same_template
from ops.account.caller import Caller
from ops.account.safeguards import is_limited
from ops.account.service_linked_roles import create_role, missing
from ops.aws.clients import Aws
from ops.aws.errors import DENIED, ignoring
from ops.errors import FailedError
from ops.stacks import cdk
from ops.stacks.cdk_lock import lock_file
from ops.stacks.checkout import Checkout
from ops.stacks.state import read_stacks


def changed_administrator_stacks(aws: Aws, caller: Caller, assembly: Path) -> tuple[str, ...]:
    """Names of the stacks that the templates would change, and only `hannibal bootstrap` may.

    Empty on an embedded AWS without `hannibal bootstrap`, which limits nobody.
    """
    if not is_limited(aws, caller):
        return ()
    stacks = read_stacks(aws, ADMINISTRATOR_STACKS)
    return tuple(name for name in stacks if not _matches_file(aws, name, assembly / f"{name}.template.json"))


def _matches_file(aws: Aws, name: str, file: Path) -> bool:
    if not file.exists():  # an assembly without this stack
        return True
    deployed = aws.cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    return same_template(deployed, file.read_text(encoding="utf-8"))


def bootstrap_for_cdk(checkout: Checkout, caller: Caller) -> None:
    """Deploy the CDK's own stack with the CDK's unchanged template.

    Raises:
        FailedError: the CDK failed; the message is the end of its output.
    """
    log = cdk.log_file(checkout, "bootstrap", datetime.now(UTC))
    arguments = cdk.bootstrap_arguments(caller.account, caller.region)
    with cdk.CdkRun(checkout, arguments, log, lock=lock_file(checkout, caller.place)) as run:
        code = run.wait()
    if code != 0:
        raise FailedError("`cdk bootstrap` failed. It said:", *run.log.tail(), f"All of it is in {log}.")


def make_service_linked_roles(aws: Aws) -> None:
    """Create the roles that the month needs: with `--auth`, as on AWS, a first cluster or subnet group needs them."""
    with ignoring(*DENIED):  # a denied caller's account is bootstrapped, and AWS's error says what is missing
        for service in missing(aws):
            create_role(aws, service)
