"""Which resource a call is about, where the emulator says another one than AWS.

Source: service authorization reference, the tables of actions of Amazon Athena, Budgets, CloudWatch, ECR, ECS,
EventBridge and RDS; what refusals of Amazon SNS say.
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
# They know no resource, or are limited by a condition on the cluster.
_OF_NOTHING: Final = (
    "DeregisterTaskDefinition",
    "DescribeTaskDefinition",
    "ListServices",
    "ListTaskDefinitions",
    "ListTasks",
)


def install() -> None:
    """Ask here before the emulator."""
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
    found = None
    if finder := FINDERS.get(service):
        action = iam_actions.extract_iam_action(service, method, path, headers, body, parameters)
        end = finder(str(action).partition(":")[2], read_request(body, parameters))
        found = end if end in (None, _EVERYTHING) else _address(service, str(end), region, account)
    found = found or str(original(service, method, path, headers, body, parameters, region, account))
    # Lambda asks about the version or alias, where a call has one (aws-cdk #19273).
    version = parameters.get("Qualifier") if service == "lambda" else None
    return f"{found}:{version[0]}" if version else found


def read_request(body: bytes, parameters: dict[str, list[str]]) -> Request:
    """The members of a request, of either protocol; those of the query protocol are texts."""
    if body[:1] == b"{":
        content: Request = json.loads(body)
        return content
    return {name: values[0] if isinstance(values, list) else values for name, values in parameters.items() if values}


def _address(service: str, end: str, region: str, account: str) -> str:
    if end.startswith("arn:"):
        return end
    if end.startswith(("budget/", "dashboard/")):  # known to no region
        return f"arn:aws:{'budgets' if service == 'budgets' else 'cloudwatch'}::{account}:{end}"
    return f"arn:aws:{'cloudwatch' if service == 'monitoring' else service}:{region}:{account}:{end}"


def _name(value: Any) -> str:
    """A name, where the request may say an ARN instead."""
    return str(value or "default").rpartition("/")[2]


def _first(request: Request, name: str) -> Any:
    """The only thing of a list, or the first: one that is denied denies all."""
    return (request.get(name) or [None])[0]


def ecs(action: str, request: Request) -> str | None:
    """The end of the address that a call to ECS is about; None: as the emulator says."""
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
    """The end of the address that a call to RDS is about."""
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
    """The end of the address that a call to CloudWatch is about."""
    if action in ("DescribeAlarmHistory", "DescribeAlarms"):
        return f"alarm:{request.get('AlarmName') or _EVERYTHING}"
    if action in ("DisableAlarmActions", "EnableAlarmActions"):
        return f"alarm:{_first(request, 'AlarmNames') or request.get('AlarmNames.member.1') or _EVERYTHING}"
    if action in ("GetDashboard", "PutDashboard"):
        return f"dashboard/{request.get('DashboardName')}"
    return None


def athena(_action: str, request: Request) -> str | None:
    """The workgroup of what a call to Athena names by an id."""
    execution = _first(request, "QueryExecutionIds") or request.get("QueryExecutionId")
    query = _first(request, "NamedQueryIds") or request.get("NamedQueryId")
    found = executions.get(execution) or named_queries.get(query)
    return f"workgroup/{found['WorkGroup']}" if found else None


def ecr(action: str, request: Request) -> str | None:
    """The end of the address that a call to ECR is about."""
    if action == "DescribeRepositories" and request.get("repositoryNames"):
        return f"repository/{_first(request, 'repositoryNames')}"
    return None


def events(_action: str, request: Request) -> str | None:
    """The rule that a call to EventBridge is about; on the default bus, its address does not name the bus."""
    name = request.get("Rule") or request.get("Name")
    return f"rule/{name}" if name and request.get("EventBusName", "default") == "default" else None


def budgets(_action: str, request: Request) -> str | None:
    """The budget that a call to AWS Budgets is about; all of them where it names none."""
    budget: Request = request.get("Budget") or request.get("NewBudget") or {}
    name = request.get("BudgetName") or budget.get("BudgetName")
    return str(request["ResourceARN"]) if "ResourceARN" in request else f"budget/{name or _EVERYTHING}"


def sns(_action: str, request: Request) -> str | None:
    """The topic of a subscription: SNS's refusals name it, and the reference lists no resource for subscriptions."""
    subscription = request.get("SubscriptionArn")
    return str(subscription).rpartition(":")[0] if subscription else None


def iam(action: str, request: Request) -> str | None:
    """The role that a call to IAM makes, with its path, which is part of the address (IAM user guide, "IAM ARNs")."""
    if action == "CreateRole" and request.get("Path"):
        return f"arn:aws:iam::{get_account_id()}:role{request['Path']}{request.get('RoleName')}"
    return None


# By the emulator's name of the service; those that are added to the emulator add their own.
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
