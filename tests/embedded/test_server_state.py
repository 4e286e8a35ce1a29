"""The server keeps what it was given, and says what is wrong where it cannot start."""

import json
import os
import re
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.embedded.kills import Kills
from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import create, delete, wait
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded

NewServer = Callable[..., EmbeddedAws]
NEVER_FINISHED = {
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "half-topic"}},
    "Signal": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
    "Never": {
        "Type": "AWS::CloudFormation::WaitCondition",
        "DependsOn": "Topic",
        "Properties": {"Handle": {"Ref": "Signal"}, "Timeout": "600"},
    },
}


# A function that never answers, and a resource that waits an hour for it.
UNANSWERED = {
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                },
            }
        },
    },
    "Function": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": {"ZipFile": "def handler(event, context):\n    print(event['RequestType'])\n"},
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Runtime": "python3.12",
        },
    },
    "Resource": {"Type": "Custom::Silent", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}}},
}


def fill(server: EmbeddedAws) -> str:
    """Put one of everything in; return the stack's id."""
    session = server.session()
    session.client("s3").create_bucket(
        Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    session.client("s3").put_object(Bucket="kept", Key="folder/object", Body=b"\x00\xffdata")
    session.client("ssm").put_parameter(Name="/kept", Value="1", Type="String")
    session.client("secretsmanager").create_secret(Name="kept", SecretString="hidden")
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "kept"}}
    outputs = {"Name": {"Value": {"Fn::GetAtt": ["Topic", "TopicName"]}}}
    return create(session.client("cloudformation"), {"Topic": topic}, Outputs=outputs).stack_id


def assert_filled(server: EmbeddedAws, stack_id: str) -> None:
    session = server.session()
    assert session.client("s3").get_object(Bucket="kept", Key="folder/object")["Body"].read() == b"\x00\xffdata"
    assert session.client("ssm").get_parameter(Name="/kept")["Parameter"]["Value"] == "1"
    assert session.client("secretsmanager").get_secret_value(SecretId="kept")["SecretString"] == "hidden"
    stack = wait(session.client("cloudformation"), stack_id)
    assert (stack.status, stack.outputs) == ("CREATE_COMPLETE", {"Name": "kept"})
    assert delete(session.client("cloudformation"), stack_id).status == "DELETE_COMPLETE"
    assert session.client("sns").list_topics()["Topics"] == []


def test_everything_is_there_after_a_restart(fresh_embedded_aws: EmbeddedAws) -> None:
    stack_id = fill(fresh_embedded_aws)

    assert fresh_embedded_aws.end() == 0
    fresh_embedded_aws.start()

    assert_filled(fresh_embedded_aws, stack_id)


def test_a_killed_server_has_lost_nothing(fresh_embedded_aws: EmbeddedAws) -> None:
    stack_id = fill(fresh_embedded_aws)
    client = fresh_embedded_aws.session().client("cloudformation")
    topics = fresh_embedded_aws.session().client("sns")
    template = json.dumps({"Resources": NEVER_FINISHED})
    half = client.create_stack(StackName="half", TemplateBody=template)["StackId"]
    wait_for(lambda: any("half-topic" in arn["TopicArn"] for arn in topics.list_topics()["Topics"]))
    assert client.describe_stacks(StackName="half")["Stacks"][0]["StackStatus"] == "CREATE_IN_PROGRESS"
    fresh_embedded_aws.session().client("ssm").put_parameter(Name="/last", Value="told", Type="String")

    fresh_embedded_aws.end(signal.SIGKILL)  # at once: what was answered is saved
    fresh_embedded_aws.start()

    interrupted = client.describe_stacks(StackName="half")["Stacks"][0]
    assert interrupted["StackStatus"] == "ROLLBACK_FAILED"
    assert interrupted["StackStatusReason"] == "The embedded AWS ended while it was working on this stack."
    assert fresh_embedded_aws.session().client("ssm").get_parameter(Name="/last")["Parameter"]["Value"] == "told"
    assert delete(client, half).status == "DELETE_COMPLETE"
    assert_filled(fresh_embedded_aws, stack_id)


def test_a_pending_custom_resource_keeps_no_server_from_ending(fresh_embedded_aws: EmbeddedAws) -> None:
    client = fresh_embedded_aws.session().client("cloudformation")
    template = json.dumps({"Resources": UNANSWERED})
    client.create_stack(StackName="silent", TemplateBody=template, Capabilities=["CAPABILITY_IAM"])
    logs = fresh_embedded_aws.session().client("logs")
    wait_for(
        lambda: any(
            logs.filter_log_events(logGroupName=it["logGroupName"])["events"]
            for it in logs.describe_log_groups()["logGroups"]
        )
    )

    assert fresh_embedded_aws.end() == 0
    fresh_embedded_aws.start()

    interrupted = fresh_embedded_aws.session().client("cloudformation").describe_stacks(StackName="silent")["Stacks"][0]
    assert interrupted["StackStatus"] == "ROLLBACK_FAILED"
    assert interrupted["StackStatusReason"] == "The embedded AWS ended while it was working on this stack."


def test_a_wait_condition_keeps_no_server_from_ending(fresh_embedded_aws: EmbeddedAws) -> None:
    client = fresh_embedded_aws.session().client("cloudformation")
    client.create_stack(StackName="waiting", TemplateBody=json.dumps({"Resources": NEVER_FINISHED}))
    waits = {"LogicalResourceId": "Never", "ResourceStatus": "CREATE_IN_PROGRESS"}
    wait_for(lambda: waits.items() <= client.describe_stack_events(StackName="waiting")["StackEvents"][0].items())

    assert fresh_embedded_aws.end() == 0


def test_kills_at_any_moment_lose_no_row_and_no_record(new_embedded_aws: NewServer) -> None:
    """A part of `python -m tests.support.embedded.kills`."""
    Kills(new_embedded_aws(), seed=3).run(2)


def test_a_corrupt_state_file_is_named_and_not_overwritten(fresh_embedded_aws: EmbeddedAws) -> None:
    fill(fresh_embedded_aws)
    fresh_embedded_aws.end()
    file = fresh_embedded_aws.state_folder / "services" / "ssm.json"
    half = file.read_bytes()[: file.stat().st_size // 2]
    file.write_bytes(half)

    with pytest.raises(AssertionError, match=re.escape(f"error: cannot use the saved state {file}")):
        fresh_embedded_aws.start()

    assert file.read_bytes() == half


def test_a_taken_port_is_named(new_embedded_aws: NewServer) -> None:
    server = new_embedded_aws()
    # Bound, but it does not listen: whoever connects must not take it for the server.
    with socket.socket() as other:
        other.bind(("127.0.0.1", server.port))
        with pytest.raises(AssertionError, match=f"error: cannot listen on 127.0.0.1:{server.port}: Address already"):
            server.start()


def test_a_taken_port_of_a_database_is_named(fresh_embedded_aws: EmbeddedAws) -> None:
    rds = fresh_embedded_aws.session().client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="kept",
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="hannibal",
        MasterUserPassword="correct-horse-1",
    )
    rds.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier="kept", WaiterConfig={"Delay": 1, "MaxAttempts": 900}
    )
    port = rds.describe_db_instances()["DBInstances"][0]["Endpoint"]["Port"]
    fresh_embedded_aws.end()

    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        with pytest.raises(AssertionError, match=f"error: the database that was there before needs its port, .*{port}"):
            fresh_embedded_aws.start()


def test_a_second_server_on_the_same_folder_is_refused(
    fresh_embedded_aws: EmbeddedAws, new_embedded_aws: NewServer
) -> None:
    second = new_embedded_aws()
    second.state_folder = fresh_embedded_aws.state_folder

    with pytest.raises(AssertionError, match="error: another embedded AWS uses the state folder"):
        second.start()


def test_the_server_listens_on_loopback_only(embedded_aws: EmbeddedAws) -> None:
    sockets = {os.readlink(it) for it in Path(f"/proc/{embedded_aws.pid}/fd").iterdir()}  # noqa: PTH115 - no paths
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                listening.append(fields[1].rpartition(":")[0])

    assert listening
    assert set(listening) == {"0100007F"}
