"""What is found where an answer differs from botocore's model; each answer here is one that a test could have met."""

import json
from typing import Any

import pytest

from tests.support.embedded.conformance.answers import differences
from tests.support.embedded.conformance.operations import Answer, operation
from tests.support.embedded.conformance.watching import Explained

_QUERY = (
    '<{0}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><{0}Result>{1}</{0}Result>'
    "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{0}Response>"
)
_ERROR = "<ErrorResponse><Error><Code>{}</Code><Message>no</Message></Error></ErrorResponse>"


def answer(service: str, body: str, **more: Any) -> Answer:
    empty: dict[str, Any] = {"method": "POST", "path": "/", "query": "", "target": "", "action": "", "protocol": ""}
    given = empty | {"copies": False, "status": 200, "headers": {}} | more
    return Answer(signed_for=service, body=body, **given)


def ecs(name: str, content: object, **more: Any) -> Answer:
    target = f"AmazonEC2ContainerServiceV20141113.{name}"
    return answer("ecs", json.dumps(content), target=target, **more)


def rds(name: str, content: str) -> Answer:
    return answer("rds", _QUERY.format(name, content), action=name)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (ecs("ListTasks", {"taskArns": ["arn"]}), []),
        (ecs("ListTasks", {"taskArns": "arn"}), ["ecs.ListTasks: taskArns is no list but a str"]),
        (ecs("ListTasks", {"tasks": []}), ["ecs.ListTasks: tasks is not in the model"]),
        (
            ecs("DescribeTasks", {"tasks": [{"launchType": "MOON", "version": "1"}]}),
            [
                "ecs.DescribeTasks: tasks.[].launchType is 'MOON', which is none of the model's values",
                "ecs.DescribeTasks: tasks.[].version is no long but a str",
            ],
        ),
        (
            ecs("DescribeTasks", {"tasks": [{"createdAt": True}]}),
            ["ecs.DescribeTasks: tasks.[].createdAt is no timestamp but a bool"],
        ),
        (
            answer("cloudtrail", '{"Trails": [{"Home": 1}]}', target="CloudTrail_20131101.ListTrails"),
            ["cloudtrail.ListTrails: Trails.[].Home is not in the model"],
        ),
        (
            answer("athena", '{"QueryExecution": {"StatementType": null}}', target="AmazonAthena.GetQueryExecution"),
            [],
        ),
        (
            answer("logs", '{"tags": {"a": 1}}', target="Logs_20140328.ListTagsForResource"),
            ["logs.ListTagsForResource: tags.{} is no string but a int"],
        ),
        (
            answer("ecs", "{}", target="AmazonEC2ContainerServiceV20141113.DanceTasks"),
            ["ecs.AmazonEC2ContainerServiceV20141113.DanceTasks: answer is of no known operation"],
        ),
        (rds("DescribeDBSnapshots", "<DBSnapshots><DBSnapshot><Port>5432</Port></DBSnapshot></DBSnapshots>"), []),
        (
            rds("DescribeDBSnapshots", "<DBSnapshots><DBSnapshot><Port>many</Port></DBSnapshot></DBSnapshots>"),
            ["rds.DescribeDBSnapshots: DBSnapshots.[].Port is no integer but 'many'"],
        ),
        (
            rds("DescribeDBSnapshots", "<DBSnapshots><member/></DBSnapshots>"),
            ["rds.DescribeDBSnapshots: DBSnapshots.member is no DBSnapshot of the list"],
        ),
        (
            answer("rds", "<DescribeDBSnapshotsResponse/>", action="DescribeDBSnapshots"),
            ["rds.DescribeDBSnapshots: DescribeDBSnapshotsResult is missing"],
        ),
        (
            answer("ec2", "<R><vpcSet><item><isDefault>maybe</isDefault></item></vpcSet></R>", action="DescribeVpcs"),
            ["ec2.DescribeVpcs: vpcSet.[].isDefault is no boolean but 'maybe'"],
        ),
        (
            answer(
                "s3",
                "<L><Contents><Key>a</Key></Contents><Contents><Key>b</Key><Size>x</Size></Contents></L>",
                method="GET",
                path="/bucket",
                query="list-type=2",
            ),
            ["s3.ListObjectsV2: Contents.[].Size is no long but 'x'"],
        ),
        (
            answer("lambda", '{"State": "Asleep"}', method="GET", path="/2015-03-31/functions/f/configuration"),
            ["lambda.GetFunctionConfiguration: State is 'Asleep', which is none of the model's values"],
        ),
        (
            answer("lambda", '{"FunctionName": 7}', method="PUT", path="/2015-03-31/functions/f/configuration"),
            ["lambda.UpdateFunctionConfiguration: FunctionName is no string but a int"],
        ),
        (
            answer("cloudfront", "<InvalidationList/>", method="GET", path="/2020-05-31/distribution/E/invalidation"),
            [
                f"cloudfront.ListInvalidations: {name} is missing"
                for name in ("IsTruncated", "Marker", "MaxItems", "Quantity")
            ],
        ),
    ],
)
def test_differences_of_what_was_answered(given: Answer, found: list[str]) -> None:
    assert [str(one) for one in differences(given)] == found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (ecs("DescribeTasks", {"__type": "ClusterNotFoundException"}, status=400), ""),
        (ecs("DescribeTasks", {"__type": "x#TaskNotFound"}, status=400), "error is TaskNotFound, which"),
        (ecs("DescribeTasks", {"message": "no"}, status=400), "error has no code"),
        (answer("rds", _ERROR.format("DBInstanceNotFound"), action="DeleteDBInstance", status=404), ""),
        (answer("rds", _ERROR.format("DBInstanceNotFoundFault"), action="DeleteDBInstance", status=404), "error is"),
        (
            answer("rds", _ERROR.format("DBInstanceNotFound"), action="DeleteDBInstance", status=400),
            "error DBInstanceNotFound has status 400 instead of 404",
        ),
    ],
)
def test_differences_of_errors(given: Answer, found: str) -> None:
    texts = [str(one) for one in differences(given)]
    assert (not texts) if not found else (len(texts) == 1 and found in texts[0])


@pytest.mark.parametrize(
    ("method", "path", "query", "copies", "name"),
    [
        ("GET", "/", "", False, "ListBuckets"),
        ("PUT", "/bucket", "", False, "CreateBucket"),
        ("PUT", "/bucket/a/b", "", False, "PutObject"),
        ("PUT", "/bucket/a/b", "", True, "CopyObject"),
        ("GET", "/bucket/a/b", "", False, "GetObject"),
        ("GET", "/bucket", "policyStatus", False, "GetBucketPolicyStatus"),
        ("GET", "/bucket", "lifecycle", False, "GetBucketLifecycleConfiguration"),
        ("POST", "/bucket", "delete", False, "DeleteObjects"),
    ],
)
def test_operations_by_their_paths(method: str, path: str, query: str, copies: bool, name: str) -> None:
    found = operation(answer("s3", "", method=method, path=path, query=query, copies=copies))
    assert found is not None
    assert found.name == name


def test_a_difference_is_explained_by_its_text() -> None:
    (one,) = differences(ecs("ListTasks", {"tasks": []}))
    assert Explained(differences=("ecs.*: tasks is not in the model",), reason="x").explains(one)
    assert not Explained(differences=("ecs.*: task is not in the model",), reason="x").explains(one)
