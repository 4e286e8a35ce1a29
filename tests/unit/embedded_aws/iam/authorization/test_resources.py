"""What the embedded AWS tells policies about a request."""

import json
from functools import partial
from typing import Any

import pytest

from embedded_aws.iam.authorization.condition_keys import _add_claims, _keys_of_request
from embedded_aws.iam.authorization.further_permissions import _permission
from embedded_aws.iam.authorization.resources import (
    Request,
    _resource,
    further_resources,
    member,
    read_request,
    resource_end,
)
from tests.support.embedded.identities import DEPLOYING, github_token

budgets, ecr, ecs, iam, monitoring, rds = (
    partial(resource_end, service) for service in ("budgets", "ecr", "ecs", "iam", "monitoring", "rds")
)


@pytest.mark.parametrize(
    ("action", "request_", "address"),
    [
        ("DescribeServices", {"cluster": "c", "services": ["s"]}, "service/c/s"),
        (
            "UpdateService",
            {"cluster": "arn:aws:ecs:r:1:cluster/c", "service": "arn:aws:ecs:r:1:service/c/s"},
            "service/c/s",
        ),
        ("DescribeTasks", {"cluster": "c", "tasks": ["arn:aws:ecs:r:1:task/c/1"]}, "task/c/1"),
        ("DescribeClusters", {"clusters": ["c"]}, "cluster/c"),
        ("RegisterTaskDefinition", {"family": "f"}, "task-definition/f:*"),
        ("RunTask", {"cluster": "c", "taskDefinition": "arn:aws:ecs:r:1:task-definition/f:1"}, "task-definition/f:1"),
        ("ListTasks", {"cluster": "c"}, "*"),
        ("TagResource", {"resourceArn": "arn:x"}, "arn:x"),
        ("PutClusterCapacityProviders", {"cluster": "c"}, None),
    ],
)
def test_calls_to_ecs_have_their_resources(action: str, request_: Request, address: str | None) -> None:
    assert ecs(action, request_) == address


@pytest.mark.parametrize(
    ("service", "action", "request_", "address"),
    [
        ("logs", "StartQuery", {"logGroupName": "/a/b"}, "log-group:/a/b:log-stream:"),
        ("logs", "StartQuery", {"logGroupNames": ["/a/b", "c"]}, "log-group:/a/b:log-stream:"),
        (
            "logs",
            "StartQuery",
            {"logGroupIdentifiers": ["arn:aws:logs:r:1:log-group:/a/b"]},
            "arn:aws:logs:r:1:log-group:/a/b:log-stream:",
        ),
        ("logs", "StartQuery", {"queryString": "SOURCE"}, None),
        ("logs", "FilterLogEvents", {"logGroupName": "/a/b"}, None),  # the emulator has it
        ("ssm", "GetParameters", {"Names": ["/p/q", "r"]}, "parameter/p/q"),
        ("ssm", "GetParameters", {"Names": ["r:2"]}, "parameter/r"),
        ("ssm", "GetParameters", {"Names": ["arn:aws:ssm:r:1:parameter/r"]}, "arn:aws:ssm:r:1:parameter/r"),
        ("ssm", "GetParameters", {"Names": ["arn:aws:ssm:r:1:parameter/r:2"]}, "arn:aws:ssm:r:1:parameter/r"),
        ("ssm", "DeleteParameters", {"Names": ["/p/q"]}, "parameter/p/q"),
        ("ssm", "GetParameter", {"Name": "/p/q:1"}, "parameter/p/q"),
        ("ssm", "GetParameter", {"Name": "arn:aws:ssm:r:1:parameter/p/q"}, "arn:aws:ssm:r:1:parameter/p/q"),
        ("ssm", "GetParameter", {"Name": "arn:aws:ssm:r:1:parameter//p/q:1"}, "arn:aws:ssm:r:1:parameter/p/q"),
        ("ssm", "GetParametersByPath", {"Path": "/p/q"}, "parameter/p/q"),
        ("ssm", "DescribeParameters", {}, None),
        ("monitoring", "DeleteDashboards", {"DashboardNames": ["d"]}, "dashboard/d"),
        ("monitoring", "DeleteDashboards", {"DashboardNames.member.1": "d"}, "dashboard/d"),
        ("elasticloadbalancing", "AddTags", {"ResourceArns.member.1": "arn:x"}, "arn:x"),
        ("elasticloadbalancing", "RemoveTags", {"ResourceArns.member.1": "arn:x"}, "arn:x"),
    ],
)
def test_calls_that_name_their_resources_are_about_them(
    service: str, action: str, request_: Request, address: str | None
) -> None:
    assert resource_end(service, action, request_) == address


def test_calls_without_a_name_are_about_everything() -> None:
    assert rds("DescribeDBInstances", {}) == "db:*"
    assert rds("DescribeDBSnapshots", {"DBInstanceIdentifier": "db"}) == "snapshot:*"
    assert monitoring("DescribeAlarms", {}) == "alarm:*"
    assert ecr("DescribeRepositories", {}) is None


def test_the_path_of_a_new_role_is_part_of_its_address() -> None:
    assert iam("CreateRole", {"RoleName": "r", "Path": "/x/"}) == "arn:aws:iam::000000000000:role/x/r"
    assert iam("CreateRole", {"RoleName": "r"}) is None


@pytest.mark.parametrize("request_", [{"AlarmNames": ["a", "b"]}, {"AlarmNames.member.1": "a"}])
def test_disabling_alarm_actions_is_about_the_alarm(request_: Request) -> None:
    assert monitoring("DisableAlarmActions", request_) == "alarm:a"


@pytest.mark.parametrize(
    ("body", "parameters"),
    [
        (b'{"AlarmNames": ["a", "b", "c"]}', {"Action": ["DisableAlarmActions"]}),
        (b"", {"Action": ["DisableAlarmActions"], **{f"AlarmNames.member.{n}": [it] for n, it in enumerate("abc", 1)}}),
    ],
)
def test_each_item_of_a_list_is_authorized(body: bytes, parameters: dict[str, list[str]]) -> None:
    headers = {"x-amz-target": "GraniteServiceVersion20100801.DisableAlarmActions"} if body else {}
    found = _resource(lambda *_: "", "monitoring", "POST", "/", headers, body, parameters, "r", "1")

    assert (found, *further_resources.get()) == tuple(f"arn:aws:cloudwatch:r:1:alarm:{it}" for it in "abc")
    _resource(lambda *_: "", "s3", "GET", "/", {}, b"", {}, "r", "1")
    assert further_resources.get() == ()


@pytest.mark.parametrize(
    ("call", "request_", "permission", "address"),
    [
        ("DescribeBudget", {"BudgetName": "b"}, "ViewBudget", "budget/b"),
        ("DescribeBudgets", {"AccountId": "1"}, "ViewBudget", "budget/*"),
        ("CreateBudget", {"Budget": {"BudgetName": "b"}}, "ModifyBudget", "budget/b"),
        ("UpdateBudget", {"NewBudget": {"BudgetName": "b"}}, "ModifyBudget", "budget/b"),
        ("TagResource", {"ResourceARN": "arn:b"}, "TagResource", "arn:b"),
        ("CreateBudgetAction", {"BudgetName": "b"}, "CreateBudgetAction", "budget/b"),
    ],
)
def test_budgets_know_two_permissions(call: str, request_: Request, permission: str, address: str) -> None:
    assert _permission(lambda *_: f"budgets:{call}", "budgets", "POST", "/") == f"budgets:{permission}"
    assert budgets(permission, request_) == address
    assert _permission(lambda *_: "ecs:DescribeServices", "ecs", "POST", "/") == "ecs:DescribeServices"


@pytest.mark.parametrize(("parameters", "end"), [({}, ""), ({"Qualifier": ["$LATEST"]}, ":$LATEST")])
def test_lambda_asks_about_the_version_that_a_call_names(parameters: dict[str, list[str]], end: str) -> None:
    function = "arn:aws:lambda:r:1:function:f"
    path = "/2019-09-25/functions/f/event-invoke-config"

    assert _resource(lambda *_: function, "lambda", "PUT", path, {}, b"{}", parameters, "r", "1") == function + end


@pytest.mark.parametrize("wrong", ["x", 5, True, ["x"], [["x"]]])
def test_a_value_of_the_wrong_kind_is_left_to_the_service(wrong: Any) -> None:
    assert budgets("ModifyBudget", {"Budget": wrong}) == resource_end("budgets", "ModifyBudget", {})
    assert member({"Target": wrong}, "Target.RoleArn") is None
    for service, action in (("events", "PutTargets"), ("acm", "RequestCertificate"), ("monitoring", "PutMetricAlarm")):
        body = json.dumps({"Targets": wrong, "Options": wrong, "AlarmActions": wrong}).encode()
        _keys_of_request(lambda *_: {}, service, f"{service}:{action}", body, {})


def test_requests_of_both_protocols_are_read() -> None:
    assert read_request(b'{"cluster":', {}) == {}
    assert read_request(b'{"cluster": "c"}', {}) == {"cluster": "c"}
    assert read_request(b"Action=x", {"RoleName": ["r"], "Empty": []}) == {"RoleName": "r"}


def test_claims_of_github_reach_the_trust_policy() -> None:
    token = github_token(**DEPLOYING, actor_id="7", repository_id="8", repository_owner="somebody")
    provider = "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"

    _, keys = _add_claims(lambda *_: (provider, {}), token, "", "")
    _, others = _add_claims(lambda *_: ("arn:aws:iam::1:oidc-provider/example.com", {}), token, "", "")

    assert keys == {  # AWS knows the number of the repository, and not whose it is
        "token.actions.githubusercontent.com:actor_id": "7",
        "token.actions.githubusercontent.com:repository_id": "8",
        "token.actions.githubusercontent.com:ref": "refs/heads/main",
        "token.actions.githubusercontent.com:job_workflow_ref": DEPLOYING["job_workflow_ref"],
    }
    assert others == {}
