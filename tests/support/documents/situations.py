"""Causes the situations of the runbook on an embedded AWS."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import boto3
from botocore.exceptions import ClientError

from tests.support.documents.runner import Runner
from tests.support.waiting import LIMIT_SECONDS, wait_for

TAGS = ("1.4.0", "1.4.1")
_ROLES = "SELECT DISTINCT userIdentity.sessionContext.sessionIssuer.userName FROM cloudtrail_logs"
_STUCK = "StuckExample"
_SLOW = "one-percent-an-hour"
# Succeeds at creation and fails every update, so that the rollback of an update fails too.
_HANDLER = """
import cfnresponse
def handler(event, context):
    failed = event["RequestType"] == "Update"
    status = cfnresponse.FAILED if failed else cfnresponse.SUCCESS
    cfnresponse.send(event, context, status, {}, "stuck", reason="ordered to fail" if failed else None)
"""


def push_images(runner: Runner) -> None:
    """Push the images that the document releases."""
    ecr = runner.client("ecr")
    for tag in TAGS:
        ecr.put_image(
            repositoryName=runner.settings.names.repository,
            imageTag=tag,
            imageManifest=json.dumps({"schemaVersion": 2, "config": {"digest": tag}}),
        )


def a_task_has_stopped(runner: Runner) -> None:
    """Stop the running task; the service starts another."""
    ecs, names = runner.client("ecs"), runner.settings.names
    task, *_ = ecs.list_tasks(cluster=names.cluster)["taskArns"]
    ecs.stop_task(cluster=names.cluster, task=task, reason="a rehearsal")
    wait_for(lambda: task in ecs.list_tasks(cluster=names.cluster, desiredStatus="STOPPED")["taskArns"])

    def is_steady() -> bool:
        (service,) = ecs.describe_services(cluster=names.cluster, services=[names.service])["services"]
        states = {task_set["stabilityStatus"] for task_set in service["taskSets"]}
        return states == {"STEADY_STATE"} and bool(service["runningCount"] == service["desiredCount"])

    wait_for(is_steady)


def a_release_is_running(runner: Runner) -> None:
    """Start the newest release again, in steps so long that even a busy machine can stop it."""
    deploy, names = runner.client("codedeploy"), runner.settings.names
    group = {"applicationName": names.codedeploy_application, "deploymentGroupName": names.codedeploy_group}
    newest = deploy.list_deployments(**group)["deployments"][0]
    with suppress(deploy.exceptions.DeploymentConfigAlreadyExistsException):
        deploy.create_deployment_config(
            deploymentConfigName=_SLOW,
            computePlatform="ECS",
            trafficRoutingConfig={
                "type": "TimeBasedLinear",
                "timeBasedLinear": {"linearPercentage": 1, "linearInterval": 60},
            },
        )
    deploy.create_deployment(
        **group,
        revision=deploy.get_deployment(deploymentId=newest)["deploymentInfo"]["revision"],
        deploymentConfigName=_SLOW,
    )


def users_have_asked(runner: Runner) -> None:
    """Send the production listener a request, which it refuses, and wait for the log file with it."""
    s3, names = runner.client("s3"), runner.settings.names
    listeners = _get(f"{runner.server.endpoint}/_hannibal/listeners")
    address = next(it["url"] for it in listeners if it["port"] == 80)
    with suppress(HTTPError):
        _get(address)
    bucket = names.load_balancer_log_bucket(runner.server.account)
    wait_for(lambda: s3.list_objects_v2(Bucket=bucket).get("KeyCount", 0) > 0)


def _get(address: str) -> Any:
    with urlopen(address, timeout=LIMIT_SECONDS) as answer:  # noqa: S310 - an address on loopback
        return json.load(answer)


def the_workflows_have_used_their_role(runner: Runner) -> None:
    """Call AWS with the role of the workflows, and wait until CloudTrail has delivered the calls."""
    role = f"arn:aws:iam::{runner.server.account}:role/{runner.settings.names.cicd_role}"
    got = runner.client("sts").assume_role(RoleArn=role, RoleSessionName="deploy")["Credentials"]
    session = boto3.Session(
        aws_access_key_id=got["AccessKeyId"],
        aws_secret_access_key=got["SecretAccessKey"],
        aws_session_token=got["SessionToken"],
        region_name=runner.settings.region,
    )
    session.client("cloudformation", endpoint_url=runner.server.endpoint).describe_stacks()
    wait_for(lambda: runner.settings.names.cicd_role in runner.query(_ROLES))


def an_update_is_stuck(runner: Runner) -> None:
    """Create a stack whose update failed, and whose rollback failed as well."""
    cloudformation = runner.client("cloudformation")
    with suppress(ClientError):
        cloudformation.create_stack(StackName=_STUCK, TemplateBody=_template("1"), Capabilities=["CAPABILITY_IAM"])
        wait_for(lambda: _status(cloudformation) == "CREATE_COMPLETE")
    if _status(cloudformation) != "UPDATE_ROLLBACK_FAILED":
        cloudformation.update_stack(StackName=_STUCK, TemplateBody=_template("2"), Capabilities=["CAPABILITY_IAM"])
        wait_for(lambda: _status(cloudformation) == "UPDATE_ROLLBACK_FAILED")


def _status(cloudformation: Any) -> str:
    return str(cloudformation.describe_stacks(StackName=_STUCK)["Stacks"][0]["StackStatus"])


def _template(version: str) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    resources = {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}},
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": _HANDLER},
            },
        },
        "Stuck": {
            "Type": "Custom::Stuck",
            "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "Version": version},
        },
    }
    return json.dumps({"Resources": resources})


def a_frontend_was_built(runner: Runner) -> None:
    """Publish a first build, and put a second one into the folder."""
    folder = runner.checkout / "dist"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>first</title>")
    runner.shell("hannibal frontend publish --folder dist --yes")
    (folder / "index.html").write_text("<!doctype html><title>second</title>")


SITUATIONS: Mapping[str, Callable[[Runner], None]] = {
    "a task has stopped": a_task_has_stopped,
    "a frontend was built": a_frontend_was_built,
    "a release is running": a_release_is_running,
    "an update is stuck": an_update_is_stuck,
    "users have asked": users_have_asked,
    "the workflows have used their role": the_workflows_have_used_their_role,
}
