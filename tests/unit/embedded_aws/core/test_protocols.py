"""Requests of each of AWS's protocols."""

import time
from typing import Any
from urllib.parse import urlencode

import pytest

from embedded_aws.core.protocols import SentRequest, operation_of_path, parse_request, read_request


def read(service: str, body: bytes, **more: Any) -> SentRequest:
    given = {"method": "POST", "path": "/", "headers": {}, "query": {}} | more
    return parse_request(service, body=body, **given)


@pytest.mark.parametrize(
    ("service", "operation", "sent", "content"),
    [
        (
            "iam",
            "CreateRole",
            {"RoleName": "a", "MaxSessionDuration": "100", "Tags.member.1.Key": "k", "Tags.member.1.Value": ""},
            {"RoleName": "a", "MaxSessionDuration": 100, "Tags": [{"Key": "k", "Value": ""}]},
        ),
        (
            "rds",
            "AddTagsToResource",
            {"ResourceName": "a", "Tags.Tag.1.Key": "k", "Tags.Tag.2.Key": "l"},
            {"ResourceName": "a", "Tags": [{"Key": "k"}, {"Key": "l"}]},
        ),
        (
            "ec2",
            "CreateTags",
            {"ResourceId.1": "vpc-1", "Tag.1.Key": "k"},
            {"Resources": ["vpc-1"], "Tags": [{"Key": "k"}]},
        ),
        (
            "cloudwatch",
            "PutMetricAlarm",
            {"ActionsEnabled": "false", "Metrics.member.1.ReturnData": "True"},
            {"ActionsEnabled": False, "Metrics": [{"ReturnData": True}]},
        ),
        ("elbv2", "CreateTargetGroup", {"Port": "many"}, {"Port": "many"}),
        (
            "sns",
            "Subscribe",
            {"Attributes.entry.1.key": "k", "Attributes.entry.1.value": "v"},
            {"Attributes": {"k": "v"}},
        ),
        ("iam", "NoSuchOperation", {"A": "b"}, {}),
    ],
)
def test_parameters_become_what_the_model_says(
    service: str, operation: str, sent: dict[str, str], content: dict[str, Any]
) -> None:
    body = urlencode({"Action": operation} | sent).encode()

    assert read(service, body) == SentRequest(operation=operation, content=content)


def test_json_names_its_operation_in_a_header() -> None:
    headers = {"x-amz-target": "AmazonSSM.PutParameter"}

    assert read("ssm", b'{"Name": "a"}', headers=headers) == SentRequest(
        operation="PutParameter", content={"Name": "a"}
    )
    nulls = b'{"Name": "a", "Type": null, "Tags": [{"Key": "k", "Value": null}]}'
    assert read("ssm", nulls, headers=headers).content == {"Name": "a", "Tags": [{"Key": "k"}]}
    assert read("ssm", b'{"Name": [null]}', headers=headers).content == {"Name": [None]}
    for depth in range(500, 10_000, 500):
        nested = b'{"Name": ' * depth + b"1" + b"}" * depth
        assert read("ssm", nested, headers=headers).content.keys() <= {"Name"}
    for body in (b"[", b"[" * 100_000):
        assert read("ssm", body, headers=headers) == SentRequest(operation="PutParameter", content={})


@pytest.mark.parametrize(
    ("service", "method", "path", "operation", "content"),
    [
        ("scheduler", "POST", "/schedules/a%20b", "CreateSchedule", {"Name": "a b", "State": "ON"}),
        ("scheduler", "GET", "/schedules/a", "GetSchedule", {"Name": "a", "State": "ON"}),
        ("lambda", "POST", "/2015-03-31/functions/f/invocations", "Invoke", {"FunctionName": "f"}),
        ("s3", "PUT", "/bucket/settings.json", "", {}),
        ("scheduler", "POST", "/elsewhere", "", {}),
    ],
)
def test_a_path_names_an_operation_and_its_members(
    service: str, method: str, path: str, operation: str, content: dict[str, str]
) -> None:
    request = read(service, b'{"State": "ON"}', method=method, path=path)

    assert request == SentRequest(operation=operation, content=content)


@pytest.mark.parametrize(
    ("service", "path", "operation"),
    [
        ("lambda", "/2015-03-31/functions", "ListFunctions"),
        ("lambda", "/2015-03-31/functions/f/", "GetFunction"),
        ("lambda", "/2015-03-31/functions/f/x", ""),
        ("lambda", "/x/functions", ""),
        ("lambda", "/2025-12-01/durable-executions/arn:f:1/durable-execution/a/b", "GetDurableExecution"),
        ("lambda", "/2025-12-01/durable-executions/arn:f:1/durable-execution/a/b/state", "GetDurableExecutionState"),
        ("scheduler", "/tags/arn:aws:scheduler:r:1:schedule-group/g", "ListTagsForResource"),
    ],
)
def test_a_path_is_of_one_operation(service: str, path: str, operation: str) -> None:
    asked = operation_of_path(service, "GET", path, {"CheckpointToken": ["x"]})
    assert (asked[0].name if asked else "") == operation


def _seconds(items: int) -> float:
    sent = {
        f"MetricData.member.{number}.{name}": ["1"]
        for number in range(1, items + 1)
        for name in ("MetricName", "Value", "Dimensions.member.1.Name", "Dimensions.member.1.Value")
    }
    begun = time.process_time()
    found = read_request("cloudwatch", "PutMetricData", sent)["MetricData"]
    seconds = time.process_time() - begun
    assert found == [{"MetricName": "1", "Value": 1.0, "Dimensions": [{"Name": "1", "Value": "1"}]}] * items
    return seconds


def test_the_time_of_a_query_request_grows_with_the_items_and_not_with_their_square() -> None:
    _seconds(1)
    assert min(_seconds(1000) for _ in range(3)) < 30 * min(_seconds(100) for _ in range(3))
