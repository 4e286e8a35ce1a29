"""What a model does not allow, as AWS's service framework words it."""

from typing import Any

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from embedded_aws.core.constraints import broken_constraints, has_wrong_kinds
from embedded_aws.requests.checks import BOTOCORE_NAMES, CODES

_AT: dict[str, Any] = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}


@pytest.mark.parametrize(
    ("service", "operation", "request_", "said"),
    [
        ("codedeploy", "CreateApplication", {"applicationName": "a" * 100}, None),
        ("codedeploy", "CreateApplication", {"applicationName": "a", "tags": [{"Key": "k", "Value": "v"}]}, None),
        ("codedeploy", "ListApplications", {}, None),
        (
            "codedeploy",
            "CreateApplication",
            {"applicationName": "a" * 101},
            (
                f"1 validation error detected: Value '{'a' * 101}' at 'applicationName' failed to satisfy constraint: "
                "Member must have length less than or equal to 100"
            ),
        ),
        (
            "application-autoscaling",
            "DescribeScalableTargets",
            _AT | {"ResourceIds": ["", "b" * 1601]},
            (
                "2 validation errors detected: Value '' at 'resourceIds.1.member' failed to satisfy constraint: Member "
                f"must have length greater than or equal to 1; Value '{'b' * 1601}' at 'resourceIds.2.member' failed "
                "to satisfy constraint: Member must have length less than or equal to 1600"
            ),
        ),
        (
            "application-autoscaling",
            "DescribeScalableTargets",
            _AT | {"ResourceIds": ["c"] * 51},
            (
                f"1 validation error detected: Value '[{', '.join(['c'] * 51)}]' at 'resourceIds' failed to satisfy "
                "constraint: Member must have length less than or equal to 50"
            ),
        ),
        (
            "application-autoscaling",
            "PutScalingPolicy",
            {"PredictiveScalingPolicyConfiguration": {"MetricSpecifications": [], "MaxCapacityBuffer": 101}},
            (
                "1 validation error detected: Value '101' at 'predictiveScalingPolicyConfiguration.maxCapacityBuffer' "
                "failed to satisfy constraint: Member must have value less than or equal to 100"
            ),
        ),
    ],
)
def test_a_request_is_held_to_the_model(
    service: str, operation: str, request_: dict[str, Any], said: str | None
) -> None:
    assert broken_constraints(service, operation, request_) == said


@pytest.mark.parametrize(
    ("service", "operation", "request_", "where"),
    [
        (
            "iam",
            "CreateRole",
            {"RoleName": "a b"},
            "'roleName' failed to satisfy constraint: Member must satisfy regular",
        ),
        ("iam", "CreateRole", {"Tags": [{"Key": "é ä", "Value": "<"}]}, "'tags.1.member.value' failed"),
        ("logs", "CreateLogGroup", {"logGroupName": "a:*"}, "'logGroupName' failed"),
        (
            "scheduler",
            "CreateSchedule",
            {"State": "ON"},
            "'state' failed to satisfy constraint: Member must satisfy enum",
        ),
    ],
)
def test_patterns_and_enumerations(service: str, operation: str, request_: dict[str, Any], where: str) -> None:
    said = broken_constraints(service, operation, request_)

    assert said is not None
    assert said.startswith("1 validation error detected: Value '")
    assert where in said


def test_what_aws_gives_as_examples_is_not_refused() -> None:
    """Botocore brings requests for operations. Of those, one of Lambda's and two of KMS's break their own model."""
    seen, refused = 0, set()
    for handler in CODES:
        service = BOTOCORE_NAMES.get(handler, handler)
        try:
            examples = Loader().load_service_model(service, "examples-1")["examples"]
        except UnknownServiceError:
            continue
        for operation, request in (
            (operation, example.get("input", {})) for operation, all_ in examples.items() for example in all_
        ):
            seen += 1
            assert not has_wrong_kinds(service, operation, request)
            if broken_constraints(service, operation, request):
                refused.add(operation)
    assert seen > 200
    assert refused == {"UpdateEventSourceMapping", "CreateCustomKeyStore", "UpdateCustomKeyStore"}


@pytest.mark.parametrize(
    ("service", "operation", "request_", "wrong"),
    [
        ("budgets", "CreateBudget", {"Budget": "x"}, True),
        ("budgets", "CreateBudget", {"Budget": {"CostFilters": ["x"]}}, True),
        ("budgets", "CreateBudget", {"Budget": {"CostFilters": {"Service": "x"}}}, True),
        ("budgets", "CreateBudget", {"Budget": {"CostFilters": {"Service": ["x"]}, "BudgetLimit": None}}, False),
        ("events", "PutTargets", {"Targets": ["x"]}, True),
        ("ecs", "CreateService", {"loadBalancers": {}}, True),
        ("athena", "GetQueryExecution", {"QueryExecutionId": {"a": 1}}, True),
        ("athena", "GetQueryExecution", {"QueryExecutionId": 1}, False),
        ("ecs", "NoSuchOperation", {"cluster": []}, False),
    ],
)
def test_values_are_of_the_kind_of_their_model(
    service: str, operation: str, request_: dict[str, Any], wrong: bool
) -> None:
    assert has_wrong_kinds(service, operation, request_) is wrong
