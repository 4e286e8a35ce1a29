"""Permissions that a call needs, where they are not that of its own name, and the emulator does not know it.

Passing a role to a service needs permission to pass it (IAM user guide, "Grant a user permissions to pass a role to an
AWS service"). Detecting a stack's drift needs permission to detect that of its resources (CloudFormation user guide,
"Detect unmanaged configuration changes to stacks and resources with drift detection"); the third permission there, to
read the configurations of types, is not checked here. Registering a task definition with tags needs permission to tag
it (Amazon ECS developer guide, "Grant permission to tag resources on creation"), by its family alone, because it has no
revision yet (aws-cdk #25768). Running a task with tags, its definition's too, needs permission to tag tasks of the
cluster (aws-cdk #28854), and permission to pass the roles of the task (serverless-application-model #2247). Only
callers who may list a bucket learn that an object is missing (S3 API reference, GetObject and HeadObject,
"Permissions"). A snapshot that copies its database's tags needs permission to tag it, and deleting a database with a
final snapshot needs permission to create the snapshot (aws-solutions/instance-scheduler-on-aws #572). Viewing a budget
needs permission for its billing view (service authorization reference, the dependent action of ViewBudget). Sending a
stack's events to a topic needs permission to publish there (aws-service-catalog-puppet #19; CloudFormation's own code
is ValidationError).
"""

from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region

from embedded_aws.core.patching import Function, wrap
from embedded_aws.database import emulator as database
from embedded_aws.ecs import emulator as ecs
from embedded_aws.iam.authorization.condition_keys import session_permissions
from embedded_aws.iam.authorization.resources import Request, further_resources, member, read_request
from embedded_aws.s3 import emulator as s3
from installation import yaml_text

_REGISTER = "ecs:RegisterTaskDefinition"
_RUN = "ecs:RunTask"
_passed_roles = yaml_text.cached_reader(
    Path(__file__).with_name("passed_roles.yaml"), dict[str, dict[str, yaml_text.Texts]]
)
_OBJECT = "arn:aws:s3:::"
_COMPARE_STACK = "cloudformation:DetectStackDrift"
_COMPARE_RESOURCES = "cloudformation:DetectStackResourceDrift"
_SEE_BUDGET = "budgets:ViewBudget"
# Operations that create a snapshot, and the member of their requests with its name.
_SNAPSHOTS = {"rds:CreateDBSnapshot": "DBSnapshotIdentifier", "rds:DeleteDBInstance": "FinalDBSnapshotIdentifier"}
# Of the current request: its roles, the topics of its stack, whether it has tags, and permissions by its members;
# then the further permission that was refused, and for which resource.
_roles: ContextVar[tuple[str, ...]] = ContextVar("hannibal_passed_roles", default=())
_topics: ContextVar[tuple[str, ...]] = ContextVar("hannibal_topics_of_stack", default=())
_tagging: ContextVar[bool] = ContextVar("hannibal_tags_on_creation", default=False)
_by_members: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("hannibal_by_members", default=())
_refused: ContextVar[tuple[str, str] | None] = ContextVar("hannibal_further_permission_refused", default=None)
_BUDGETS: Final = {"Describe": "ViewBudget"} | dict.fromkeys(("Create", "Update", "Delete"), "ModifyBudget")


def install() -> None:
    """Check the further permissions after the call itself was allowed, and the budgets' own in its place."""
    wrap(iam_actions, "extract_iam_action", _permission)
    wrap(iam_actions, "request_tag_context", _remember_request)
    wrap(iam_evaluator, "enforce", _check_further)
    wrap(iam_actions, "access_denied_response", _name_refused_permission)


def _remember_request(
    original: Function, service: str, action: str, body: bytes, parameters: dict[str, list[str]]
) -> Any:
    members, _ = _passed(action)
    request = read_request(body, parameters) if members or action in (*_SNAPSHOTS, "sts:AssumeRole") else {}
    task = _run_task(request) if action == _RUN else request
    _roles.set(tuple(str(role) for path in members if (role := member(task, path))))
    _topics.set(tuple(str(topic) for name, topic in request.items() if name.startswith("NotificationARNs.member.")))
    _tagging.set(bool(task.get("tags")))
    session = ((it, str(request.get("RoleArn"))) for it in session_permissions(action, request))
    _by_members.set((*_snapshot_permissions(action, request), *session))
    _refused.set(None)
    return original(service, action, body, parameters)


def _run_task(request: Request) -> Request:
    """The roles and tags of a task that RunTask starts: the definition's, unless the request has others."""
    definition = ecs.find_task_definition(str(request.get("taskDefinition"))) or {}
    own = ecs.tags.get(definition.get("taskDefinitionArn")) if request.get("propagateTags") else None
    return {**definition, **(request.get("overrides") or {}), "tags": request.get("tags") or own}


def _snapshot_permissions(action: str, request: Request) -> Iterator[tuple[str, str]]:
    name = request.get(_SNAPSHOTS.get(action, ""))
    if not name:
        return
    snapshot = f"arn:aws:rds:{get_region()}:{get_account_id()}:snapshot:{name}"
    if action == "rds:DeleteDBInstance":
        yield "rds:CreateDBSnapshot", snapshot
    taken_of = request.get("DBInstanceIdentifier")
    if any(it["DBInstanceIdentifier"] == taken_of and it.get("CopyTagsToSnapshot") for it in database.instances()):
        yield "rds:AddTagsToResource", snapshot


def _check_further(original: Function, access_key: str, action: str, service: str, region: str, **options: Any) -> Any:
    if denied := original(access_key, action, service, region, **options):
        return denied
    for permission, resource_options in _further_permissions(action, options):
        if denied := original(access_key, permission, permission.partition(":")[0], region, **resource_options):
            _refused.set((permission, str(resource_options.get("resource_arn", "*"))))
            return denied
    return None


def _further_permissions(action: str, options: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((action, options | {"resource_arn": resource}) for resource in further_resources.get())
    if action == _COMPARE_STACK:
        yield _COMPARE_RESOURCES, options
    if action == _REGISTER and _tagging.get():
        yield "ecs:TagResource", {"resource_arn": str(options["resource_arn"]).removesuffix(":*")}
    if action == _RUN and _tagging.get():
        cluster = (options.get("service_context") or {}).get("ecs:cluster", "*").replace(":cluster/", ":task/")
        created = {"ecs:CreateAction": "RunTask"}
        yield "ecs:TagResource", {"resource_arn": f"{cluster}/*", "service_context": created}
    bucket, _, key = str(options.get("resource_arn", "")).removeprefix(_OBJECT).partition("/")
    objects = s3.buckets.get(bucket, {"objects": (key,)})["objects"]
    if action == "s3:GetObject" and key not in objects and f"{key}/" not in objects:
        yield "s3:ListBucket", {"resource_arn": f"{_OBJECT}{bucket}"}
    if action == _SEE_BUDGET:
        view = f"arn:aws:billing::{get_account_id()}:billingview/primary"
        yield "billing:GetBillingViewData", {"resource_arn": view}
    yield from ((permission, {"resource_arn": resource}) for permission, resource in _by_members.get())
    yield from (("sns:Publish", {"resource_arn": topic}) for topic in _topics.get())
    receiver = {"iam:PassedToService": _passed(action)[1]}
    yield from (("iam:PassRole", {"resource_arn": role, "service_context": receiver}) for role in _roles.get())


def _passed(action: str) -> tuple[tuple[str, ...], str]:
    """The members of a call that contain roles, and the service to which they are passed."""
    return next(((calls[action], service) for service, calls in _passed_roles().items() if action in calls), ((), ""))


def _name_refused_permission(original: Function, service: str, action: str, *rest: Any, **options: Any) -> Any:
    permission, resource = _refused.get() or (action, options.get("resource_arn", "*"))
    return original(service, permission, *rest, **options | {"resource_arn": resource})


def _permission(original: Function, service: str, *request: Any) -> str | None:
    """AWS Budgets has one permission for viewing and one for changing; operations on actions have their own.

    Source: AWS Billing user guide, "Actions, resources and condition keys for AWS Budgets".
    """
    action: str | None = original(service, *request)
    call = (action or "").partition(":")[2]
    if service != "budgets" or "BudgetAction" in call:
        return action
    return next((f"budgets:{needed}" for beginning, needed in _BUDGETS.items() if call.startswith(beginning)), action)
