"""The permissions of the roles of people and workflows."""

from collections.abc import Sequence

from installation.permissions.roles import CICD_TASKS, DEVELOPER_TASKS, DRIFT_TASKS, PLAN_TASKS
from installation.permissions.statements import Statement, StatementsOf
from tests.support.policies import REGION, arns

TUNNEL_DOCUMENT = f"arn:aws:ssm:{REGION}::document/AWS-StartPortForwardingSessionToRemoteHost"


def granted(tasks: Sequence[StatementsOf]) -> list[Statement]:
    return [statement for task in tasks for statement in task(arns())]


CICD, PLAN, DEVELOPER = granted(CICD_TASKS), granted(PLAN_TASKS), granted(DEVELOPER_TASKS)
ROLES = {"cicd": CICD, "plan": PLAN, "drift": granted(DRIFT_TASKS), "developer": DEVELOPER}


def actions(statements: Sequence[Statement]) -> set[str]:
    return {action for statement in statements for action in statement.actions}
