"""The resource of a call, where the emulator's answer differs from AWS's.

Source: service authorization reference, the tables of actions of Amazon Athena, Budgets, CloudWatch, ECR, ECS,
EventBridge and RDS; refusals of Amazon SNS.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from ministack.core import iam_actions
from ministack.core.responses import get_account_id

from embedded_aws.athena.emulator import executions, named_queries
from embedded_aws.core.patching import Function, wrap

Request = dict[str, Any]
_EVERYTHING: Final = "*"
_OF_SERVICE: Final = ("CreateService", "DeleteService", "DescribeServices", "ListServiceDeployments", "UpdateService")
_OF_TASK: Final = ("DescribeTasks", "ExecuteCommand", "StopTask")
# They have no resource, or are limited by a condition on the cluster.
_OF_NOTHING: Final = (
    "DeregisterTaskDefinition",
    "DescribeTaskDefinition",
    "ListServices",
    "ListTaskDefinitions",
    "ListTasks",
)


def install() -> None:
    """Use these functions before the emulator's."""
    wrap(iam_actions, "extract_resource_arn", _resource)


def _resource(
    original: Function,
    service: str,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    parameters: dict[str, list[str]],
    region: str,
    account: str,
) -> str:
    resource = None
    if finder := FINDERS.get(service):
        action = iam_actions.extract_iam_action(service, method, path, headers, body, parameters)
        end = finder(str(action).partition(":")[2], read_request(body, parameters))
        resource = end if end in (None, _EVERYTHING) else _address(service, str(end), region, account)
    resource = resource or str(original(service, method, path, headers, body, parameters, region, account))
    # For Lambda, the resource is the version or alias if a call has one (aws-cdk #19273).
    version = parameters.get("Qualifier") if service == "lambda" else None
    return f"{resource}:{version[0]}" if version else resource


def read_request(body: bytes, parameters: dict[str, list[str]]) -> Request:
    """The members of a request in either protocol; in the query protocol, all are texts."""
    if body[:1] == b"{":
        content: Request = json.loads(body)
        return content
    return {name: values[0] if isinstance(values, list) else values for name, values in parameters.items() if values}


def _address(service: str, end: str, region: str, account: str) -> str:
    if end.startswith("arn:"):
        return end
    if end.startswith(("budget/", "dashboard/")):  # ARNs without a region
        return f"arn:aws:{'budgets' if service == 'budgets' else 'cloudwatch'}::{account}:{end}"
    return f"arn:aws:{'cloudwatch' if service == 'monitoring' else service}:{region}:{account}:{end}"


def _name(value: Any) -> str:
    """The name in a value that may be a name or an ARN."""
    return str(value or "default").rpartition("/")[2]


def _first(request: Request, name: str) -> Any:
    """The first item of a list, often the only one; if it is denied, the whole call is denied."""
    return (request.get(name) or [None])[0]


def ecs(action: str, request: Request) -> str | None:
    """The end of the ARN that a call to ECS is about; None: use the emulator's."""
    if action in _OF_NOTHING:
        return _EVERYTHING
    if action == "RegisterTaskDefinition":
        return f"task-definition/{request.get('family')}:*"
    if action in ("ListTagsForResource", "TagResource", "UntagResource"):
        return str(request.get("resourceArn"))
    if action == "DescribeClusters":
        return f"cluster/{_name(_first(request, 'clusters'))}"
    cluster = _name(request.get("cluster"))
    if action in _OF_SERVICE:
        service = request.get("service") or request.get("serviceName") or _first(request, "services")
        return f"service/{cluster}/{_name(service)}"
    if action in _OF_TASK:
        return f"task/{cluster}/{_name(request.get('task') or _first(request, 'tasks'))}"
    return None


def rds(action: str, request: Request) -> str | None:
    """The end of the ARN that a call to RDS is about."""
    if action in ("AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource"):
        return str(request.get("ResourceName"))
    if action in ("CreateDBSnapshot", "DeleteDBSnapshot", "DescribeDBSnapshots", "ModifyDBSnapshotAttribute"):
        return f"snapshot:{request.get('DBSnapshotIdentifier') or _EVERYTHING}"
    if action == "DescribeDBInstances":
        return f"db:{request.get('DBInstanceIdentifier') or _EVERYTHING}"
    if action == "DescribeDBInstanceAutomatedBackups":
        return f"db:{request['DBInstanceIdentifier']}" if "DBInstanceIdentifier" in request else "auto-backup:*"
    if action == "RestoreDBInstanceToPointInTime":
        return f"db:{request.get('TargetDBInstanceIdentifier')}"
    return None


def monitoring(action: str, request: Request) -> str | None:
    """The end of the ARN that a call to CloudWatch is about."""
    if action in ("DescribeAlarmHistory", "DescribeAlarms"):
        return f"alarm:{request.get('AlarmName') or _EVERYTHING}"
    if action in ("DisableAlarmActions", "EnableAlarmActions"):
        return f"alarm:{_first(request, 'AlarmNames') or request.get('AlarmNames.member.1') or _EVERYTHING}"
    if action in ("GetDashboard", "PutDashboard"):
        return f"dashboard/{request.get('DashboardName')}"
    return None


def athena(_action: str, request: Request) -> str | None:
    """The workgroup of the query that a call to Athena names by its id."""
    execution = _first(request, "QueryExecutionIds") or request.get("QueryExecutionId")
    query = _first(request, "NamedQueryIds") or request.get("NamedQueryId")
    found = executions.get(execution) or named_queries.get(query)
    return f"workgroup/{found['WorkGroup']}" if found else None


def ecr(action: str, request: Request) -> str | None:
    """The end of the ARN that a call to ECR is about."""
    if action == "DescribeRepositories" and request.get("repositoryNames"):
        return f"repository/{_first(request, 'repositoryNames')}"
    return None


def events(_action: str, request: Request) -> str | None:
    """The rule that a call to EventBridge is about; on the default bus, its ARN does not contain the bus."""
    name = request.get("Rule") or request.get("Name")
    return f"rule/{name}" if name and request.get("EventBusName", "default") == "default" else None


def budgets(_action: str, request: Request) -> str | None:
    """The budget that a call to AWS Budgets is about; all budgets if it names none."""
    budget: Request = request.get("Budget") or request.get("NewBudget") or {}
    name = request.get("BudgetName") or budget.get("BudgetName")
    return str(request["ResourceARN"]) if "ResourceARN" in request else f"budget/{name or _EVERYTHING}"


def sns(_action: str, request: Request) -> str | None:
    """The topic of a subscription: SNS's refusals name it, and the reference lists no resource for subscriptions."""
    subscription = request.get("SubscriptionArn")
    return str(subscription).rpartition(":")[0] if subscription else None


def iam(action: str, request: Request) -> str | None:
    """The role that a call to IAM creates, with its path, which is part of the ARN (IAM user guide, "IAM ARNs")."""
    if action == "CreateRole" and request.get("Path"):
        return f"arn:aws:iam::{get_account_id()}:role{request['Path']}{request.get('RoleName')}"
    return None


# By the emulator's name of the service; services that extensions add also add their functions.
FINDERS: Final[dict[str, Callable[[str, Request], str | None]]] = {
    "athena": athena,
    "budgets": budgets,
    "ecr": ecr,
    "ecs": ecs,
    "events": events,
    "iam": iam,
    "monitoring": monitoring,
    "rds": rds,
    "sns": sns,
}
