"""A fake CloudFormation with one change set, and a bootstrap stack to deploy with it."""

from typing import Any

from ops.account.bootstrap.change_set import StackDeployment
from ops.account.bootstrap.desired_stacks import DesiredStack
from ops.aws.polling import Polling
from ops.stacks.watch import Watching
from tests.support.fakes import ACCOUNT, FakeAccount, FakeCloudFormation

ROLE = f"arn:aws:iam::{ACCOUNT}:role/cdk-hnbadmin-cfn-exec-role-{ACCOUNT}-ap-northeast-1"
STACK = DesiredStack(
    name="IdentityStack",
    template='{"Resources": {}}',
    role=ROLE,
    tags={"Project": "nestjs-hannibal-3", "Environment": "dev"},
)


class Planned(FakeCloudFormation):
    """A fake CloudFormation with one change set, whose content a test gives."""

    held: object = None

    def create_change_set(self, **arguments: Any) -> Any:
        self.account.changed.append(f"create {arguments['StackName']} with {arguments.get('RoleARN')}")
        return {"Id": "arn:change-set"}

    def describe_change_set(self, ChangeSetName: str, StackName: str) -> Any:  # noqa: N803
        return {"Status": "CREATE_COMPLETE", "Changes": []}

    def get_template(self, **_: Any) -> Any:  # type: ignore[override]
        return {"TemplateBody": self.held}

    def delete_change_set(self, **_: Any) -> None:
        self.account.changed.append("delete")

    def execute_change_set(self, StackName: str, **_: Any) -> None:  # noqa: N803
        self.account.changed.append("execute")
        self.account.add_stack(StackName, "CREATE_COMPLETE")
        for status in ("CREATE_IN_PROGRESS", "CREATE_COMPLETE"):
            self.account.add_event(StackName, status)

    def update_termination_protection(self, StackName: str, EnableTerminationProtection: bool) -> None:  # noqa: N803
        self.account.changed.append(f"protect {StackName} {EnableTerminationProtection}")


def deployment(account: FakeAccount, template: object) -> StackDeployment:
    aws = account.aws(polling=Polling(sleep=lambda _: None))
    planned = Planned(account)
    planned.held = template
    aws.__dict__["cloudformation"] = planned
    return StackDeployment(aws, "bucket", Watching())
