"""CloudFormation that takes its time: what others do while a resource is in progress."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from tests.support.embedded.running_service import control
from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import unique, wait
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

pytestmark = pytest.mark.embedded

TOPIC = {"Type": "AWS::SNS::Topic"}
# 195 seconds by the typical durations, 20 by the clock of this server.
EDGE = {
    "Type": "AWS::CloudFront::Distribution",
    "Properties": {
        "DistributionConfig": {
            "Enabled": True,
            "Origins": [
                {"Id": "one", "DomainName": "example.com", "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}}
            ],
            "DefaultCacheBehavior": {
                "TargetOriginId": "one",
                "ViewerProtocolPolicy": "https-only",
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",  # CachingOptimized
            },
        }
    },
}
BESIDE = {"First": TOPIC, "Edge": EDGE, "Last": {**TOPIC, "DependsOn": ["First", "Edge"]}}
CANCELLED = "Resource creation cancelled"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    started = EmbeddedAws(
        tmp_path_factory.mktemp("typical-durations"), options=("--typical-durations", "--clock-factor", "10")
    )
    started.start()
    yield started
    started.close()


class Stacks:
    """Operations that are begun and not waited for: CloudFormation's answer may come some seconds later."""

    def __init__(self, server: EmbeddedAws, pool: ThreadPoolExecutor) -> None:
        self.server, self._pool = server, pool
        # Without repeats: one that came after the server was killed would make the stack again, once it is deleted.
        once = Config(retries={"total_max_attempts": 1})
        self.client: CloudFormationClient = server.session().client("cloudformation", config=once)

    def create(self, resources: dict[str, Any], **options: Any) -> str:
        name = unique("slow")
        body = json.dumps({"Resources": resources})
        options |= {"Capabilities": ["CAPABILITY_IAM"], "TemplateBody": body}
        self.begin(self.client.create_stack, name, **options)
        found = wait_for(lambda: self._id(name), f"{name} is there")
        assert found is not None
        return found

    def update(self, stack_id: str, resources: dict[str, Any]) -> None:
        self.begin(self.client.update_stack, stack_id, TemplateBody=json.dumps({"Resources": resources}))

    def begin(self, call: Callable[..., Any], stack: str, **arguments: Any) -> None:
        self._pool.submit(call, StackName=stack, **arguments)

    def _id(self, name: str) -> str | None:
        pages = self.client.get_paginator("list_stacks").paginate()
        found = (it for page in pages for it in page["StackSummaries"] if it["StackName"] == name)
        return next((it["StackId"] for it in found), None)

    def status(self, stack_id: str) -> str:
        return self.client.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]

    def resources(self, stack_id: str) -> dict[str, str]:
        described = self.client.describe_stack_resources(StackName=stack_id)["StackResources"]
        return {it["LogicalResourceId"]: it["ResourceStatus"] for it in described}

    def until_in_progress(self, stack_id: str) -> None:
        wait_for(lambda: self.resources(stack_id).get("Edge", "").endswith("_IN_PROGRESS"), "Edge is in progress")

    def story(self, stack_id: str) -> list[tuple[str, str]]:
        """Of the resources, oldest first."""
        events = reversed(self.client.describe_stack_events(StackName=stack_id)["StackEvents"])
        return [
            (it["LogicalResourceId"], it["ResourceStatus"]) for it in events if it["PhysicalResourceId"] != stack_id
        ]

    def edges(self) -> int:
        listed = self.server.session().client("cloudfront").list_distributions()["DistributionList"]
        return listed["Quantity"]


@pytest.fixture
def stacks(server: EmbeddedAws) -> Iterator[Stacks]:
    pool = ThreadPoolExecutor()
    yield Stacks(server, pool)
    pool.shutdown()


def test_what_depends_on_nothing_in_progress_goes_on_and_a_deletion_ends_the_rest(stacks: Stacks) -> None:
    stack = stacks.create(BESIDE)
    stacks.until_in_progress(stack)
    wait_for(lambda: stacks.resources(stack)["First"] == "CREATE_COMPLETE", "First is complete")
    assert stacks.resources(stack) == {"First": "CREATE_COMPLETE", "Edge": "CREATE_IN_PROGRESS"}
    assert stacks.story(stack) == [
        ("Edge", "CREATE_IN_PROGRESS"),
        ("First", "CREATE_IN_PROGRESS"),
        ("First", "CREATE_COMPLETE"),
    ]
    express = wait(stacks.client, stacks.create({"Edge": EDGE}, DeploymentConfig={"Mode": "EXPRESS"}))
    assert express.status == "CREATE_COMPLETE"
    assert stacks.status(stack) == "CREATE_IN_PROGRESS"

    for each in (stack, express.stack_id):
        stacks.begin(stacks.client.delete_stack, each)
    wait_for(lambda: stacks.status(stack) == "DELETE_COMPLETE", "it is deleted")
    wait_for(lambda: stacks.status(express.stack_id) == "DELETE_COMPLETE", "the other one too")
    assert stacks.edges() == 0
    assert stacks.story(stack)[3:] == [
        ("Edge", "CREATE_FAILED"),
        ("First", "DELETE_IN_PROGRESS"),
        ("First", "DELETE_COMPLETE"),
        ("Edge", "DELETE_IN_PROGRESS"),
        ("Edge", "DELETE_COMPLETE"),
    ]
    assert control(stacks.server, "GET", "durations") == {"replayed": True, "stacks": {}}


def test_a_failure_cancels_what_is_in_progress_and_rolls_back(stacks: Stacks) -> None:
    allowed = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": allowed}
    boundary = f"arn:aws:iam::{stacks.server.account}:policy/unknown"
    refused = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust, "PermissionsBoundary": boundary},
    }
    stack = stacks.create({"First": TOPIC, "Edge": EDGE, "Refused": {**refused, "DependsOn": "First"}})
    outcome = wait(stacks.client, stack)
    assert outcome.status == "ROLLBACK_COMPLETE"
    assert outcome.reasons["Edge"] == CANCELLED
    assert "does not exist or is not attachable" in outcome.reasons["Refused"]
    assert stacks.edges() == 0


def test_an_update_is_cancelled_while_its_last_resource_is_in_progress(stacks: Stacks) -> None:
    stack = stacks.create({"First": TOPIC})
    assert wait(stacks.client, stack).status == "CREATE_COMPLETE"
    replayed = control(stacks.server, "GET", "durations")["stacks"]
    assert replayed == {stack.split("/")[1]: 20.0}  # 15 of the stack, 5 of the topic
    stacks.update(stack, {"First": TOPIC, "Edge": EDGE})
    stacks.until_in_progress(stack)
    stacks.client.cancel_update_stack(StackName=stack)
    outcome = wait(stacks.client, stack)
    assert (outcome.status, outcome.reasons) == ("UPDATE_ROLLBACK_COMPLETE", {"Edge": CANCELLED})
    assert stacks.edges() == 0


def test_a_killed_server_knows_what_was_in_progress(stacks: Stacks) -> None:
    stack = stacks.create(BESIDE)
    stacks.until_in_progress(stack)
    stacks.server.kill()
    stacks.server.wait()
    stacks.server.start()
    assert stacks.status(stack) == "ROLLBACK_FAILED"
    assert stacks.resources(stack)["Edge"] == "CREATE_FAILED"
    assert stacks.edges() == 1
    stacks.client.delete_stack(StackName=stack)
    assert wait(stacks.client, stack).status == "DELETE_COMPLETE"
    assert stacks.edges() == 0
