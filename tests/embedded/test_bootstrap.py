"""A bootstrap that is killed after each of its changes and run again, on a fresh account and on one of before.

Before, the CDK's bootstrap was the only one: its execution role was CloudFormation's for every stack, carried the
boundary of people, and had policies for IdentityStack and AuditStack too. Four stacks are deployed as they were then
(`tests/support/embedded/former`).
"""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from installation import names
from installation.names.persistent import TOOLKIT_STACK
from installation.settings.file import load_settings
from ops.account.bootstrap.change_set import StackDeployment
from ops.account.bootstrap.desired_stacks import DesiredStack, toolkit_parameters
from ops.account.bootstrap.plan import execution_policies, plan_bootstrap
from ops.account.bootstrap.run import bootstrap
from ops.aws.clients import Aws
from ops.doctor.account import examine
from ops.stacks.checkout import this_checkout
from ops.stacks.state import read_stacks
from ops.stacks.watch import Watching
from tests.support.embedded.identities import arn
from tests.support.embedded.server import EmbeddedAws
from tests.support.fakes import NOW

pytestmark = pytest.mark.embedded
SETTINGS = load_settings("dev")
ACCOUNT = "000000000000"
PIPELINE = SETTINGS.names.bootstrap_role("cfn-exec", ACCOUNT, SETTINGS.region)
ADMINISTRATOR = SETTINGS.names.administrator_role(ACCOUNT, SETTINGS.region)
GONE = "HannibalExecutionIdentity"
FORMER = Path(__file__).parents[1] / "support/embedded/former"
READING = ("Describe", "Get", "List", "Head")


class Killed(BaseException):
    """What ends a process: nothing catches it."""


def _lose(attempts: int, operation: Any, **_: object) -> float | None:
    return 0.0 if attempts == 1 and not operation.name.startswith(READING) else None


class Administrator:
    """The command `hannibal bootstrap`, as often as a test runs it; its clients count what they change.

    The first answer to each change is lost, and botocore asks once more.
    """

    def __init__(self, server: EmbeddedAws, assembly: Path) -> None:
        self.server, self.assembly = server, assembly
        self.aws = Aws(SETTINGS)
        self.killed_after: list[str] = []
        self.of_before = False  # whether a former command prepared the account
        self._left = -1
        for client in (self.aws.cloudformation, self.aws.iam, self.aws.s3):
            client.meta.events.register("after-call", self._count)
            events: Any = client.meta.events
            events.register_first("needs-retry", _lose)

    def _count(self, model: Any, **_: Any) -> None:
        if model.name.startswith(READING) or self._left < 0:
            return
        self._left -= 1
        if self._left < 0:
            self.killed_after.append(model.name)
            raise Killed

    def run(self, *, changes: int = -1) -> bool:
        """Run it, killed after so many changes; whether it came to its end."""
        self._left = changes - 1
        plan = plan_bootstrap(self.aws, this_checkout(), self.assembly)
        assert not plan.refusals
        try:
            bootstrap(self.aws, plan, Watching())
        except Killed:
            return False
        finally:
            self._left = -1
        return True

    def killed_by_the_system(self, changes: int) -> int:
        """The exit code of the real command, which SIGKILL ends after so many changes."""
        command = (sys.executable, "-m", "tests.support.embedded.killed_bootstrap", str(changes), "--")
        options = ("bootstrap", "--env", "dev", "--yes", "--assembly", str(self.assembly))
        ended = subprocess.run((*command, *options), check=False, env=self.server.environment, capture_output=True)
        return ended.returncode

    def run_until_done(self) -> None:
        """Kill it after its first change, its second, its third, and so on in turn, until it has nothing left to do."""
        for attempt in range(100):
            if self.run(changes=attempt % 4 + 1):
                return
        pytest.fail(f"it gets nowhere: {self.killed_after}")

    def deploy(self, desired: DesiredStack) -> None:
        StackDeployment(self.aws, f"cdk-hnb659fds-assets-{ACCOUNT}-{SETTINGS.region}", Watching(notify=print)).deploy(
            desired
        )


def as_before(administrator: Administrator) -> None:
    """Prepare the account as the former command did."""
    toolkit = this_checkout().toolkit_template.read_text(encoding="utf-8")
    everything = "arn:aws:iam::aws:policy/AdministratorAccess"
    former = {"Qualifier": "hnb659fds", "CloudFormationExecutionPolicies": everything}
    administrator.deploy(DesiredStack(name=TOOLKIT_STACK, template=toolkit, parameters=former))
    tags = {"Project": SETTINGS.project, "Environment": "dev"}
    # AuditStack read outputs of the two before it.
    for name in (names.IDENTITY_STACK, names.ARTIFACT_STACK, names.GUARDRAIL_STACK, names.AUDIT_STACK):
        text = (FORMER / f"{name}.json").read_text(encoding="utf-8")
        administrator.deploy(DesiredStack(name=name, template=text, role=arn(PIPELINE), tags=tags))
    made = json.loads((FORMER / f"{names.IDENTITY_STACK}.json").read_text(encoding="utf-8"))["Resources"].values()
    named = (it["Properties"].get("ManagedPolicyName", "") for it in made)
    policies = [f"arn:aws:iam::{ACCOUNT}:policy/{name}" for name in named if name.startswith("HannibalExecution")]
    assert any(policy.endswith(GONE) for policy in policies)
    restricted = {
        **toolkit_parameters(policies, SETTINGS.names.cicd_boundary),
        "ApplyPermissionsBoundaryToAllRoles": "false",
    }
    administrator.deploy(DesiredStack(name=TOOLKIT_STACK, template=toolkit, parameters=restricted))


@pytest.fixture(scope="module", params=["fresh", "of before"])
def account(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, assembly: Callable[[str], Path]
) -> Iterator[Administrator]:
    """An account that was bootstrapped with kills."""
    server = EmbeddedAws(tmp_path_factory.mktemp("bootstrap"), options=("--auth", "--clock-factor", "120"))
    server.start()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in server.environment.items():
            environment.setenv(name, value)
        try:
            administrator = Administrator(server, assembly("dev"))
            administrator.of_before = request.param == "of before"
            if administrator.of_before:
                as_before(administrator)
            else:
                # A new account's are the first stacks; each of these leaves another one in the making.
                assert [administrator.killed_by_the_system(number) for number in (1, 2, 4)] == [-signal.SIGKILL] * 3
            administrator.run_until_done()
            yield administrator
        finally:
            server.close()


def test_the_bootstrap_was_killed_after_each_kind_of_change(account: Administrator) -> None:
    assert {"CreateChangeSet", "ExecuteChangeSet", "UpdateTerminationProtection"} <= set(account.killed_after)


def test_a_repeated_bootstrap_has_nothing_left_to_do(account: Administrator) -> None:
    assert plan_bootstrap(account.aws, this_checkout(), account.assembly).steps == ()
    assert account.run()


def test_the_account_is_as_the_rules_want_it(account: Administrator) -> None:
    examination = examine(account.aws, NOW)
    assert (examination.findings, examination.skipped) == ((), ())


def test_each_stack_has_its_role_and_its_protection(account: Administrator) -> None:
    stacks = read_stacks(account.aws)
    assert set(stacks) == set(names.PERSISTENT_STACKS)
    for name, stack in stacks.items():
        assert stack.protected
        assert stack.role == arn(ADMINISTRATOR if name in names.ADMINISTRATOR_STACKS else PIPELINE)


def test_a_new_account_pays_for_no_key_and_one_of_before_keeps_its_own(account: Administrator) -> None:
    keys = account.server.session().client("kms").list_keys()["Keys"]
    assert len(keys) == int(account.of_before)


def test_a_former_policy_is_deleted(account: Administrator) -> None:
    with pytest.raises(ClientError, match="NoSuchEntity"):
        account.aws.iam.get_policy(PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/{GONE}")
    attached = account.aws.iam.list_attached_role_policies(RoleName=PIPELINE)["AttachedPolicies"]
    assert {policy["PolicyArn"] for policy in attached} == set(execution_policies(SETTINGS, ACCOUNT))
