"""What the roles of people and workflows are granted."""

from collections.abc import Sequence

from installation.permissions.grants import Grant, GrantsOf
from installation.permissions.roles import CICD_TASKS, DEVELOPER_TASKS, DRIFT_TASKS, PLAN_TASKS
from tests.support.policies import REGION, arns

TUNNEL_DOCUMENT = f"arn:aws:ssm:{REGION}::document/AWS-StartPortForwardingSessionToRemoteHost"


def granted(tasks: Sequence[GrantsOf]) -> list[Grant]:
    return [grant for task in tasks for grant in task(arns())]


CICD, PLAN, DEVELOPER = granted(CICD_TASKS), granted(PLAN_TASKS), granted(DEVELOPER_TASKS)
ROLES = {"cicd": CICD, "plan": PLAN, "drift": granted(DRIFT_TASKS), "developer": DEVELOPER}


def actions(grants: Sequence[Grant]) -> set[str]:
    return {action for grant in grants for action in grant.actions}
