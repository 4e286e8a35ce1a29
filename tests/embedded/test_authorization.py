"""What the roles may do, and what nobody may, with the embedded AWS enforcing the policies that were deployed."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from app import build
from installation.names import ALL_STACKS, EPHEMERAL_STACKS
from installation.settings.file import load_settings
from ops.account.bootstrap.plan import BootstrapPlan, execution_policies
from ops.errors import FailedError
from ops.stacks.checkout import this_checkout
from tests.conftest import new_app, settings_of
from tests.support import forked_command
from tests.support.embedded.identities import (
    DEPLOYING,
    PULL_REQUEST,
    REPOSITORY,
    Identity,
    arn,
    as_role,
    as_service_role,
    as_workflow,
    new_role,
)
from tests.support.embedded.preparing import prepared
from tests.support.embedded.running_service import control
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import LIMIT_SECONDS, wait_for

pytestmark = pytest.mark.embedded
CICD, PLAN, DEVELOPER = "HannibalCICDRole-Dev", "HannibalPRPlanRole-Dev", "HannibalDeveloperRole-Dev"
POLICY = "arn:aws:iam::000000000000:policy"
PARAMETER = "/hannibal/release/current"
SECOND_FACTOR = {"SerialNumber": "arn:aws:iam::000000000000:mfa/phone", "TokenCode": "123456"}
DRIFTING = {**DEPLOYING, "job_workflow_ref": DEPLOYING["job_workflow_ref"].replace("deploy.yml", "drift.yml")}


@dataclass(frozen=True)
class Guarded:
    """A server that enforces policies, deployed as workflows deploy."""

    server: EmbeddedAws
    assembly: Path
    cicd: Identity
    plan: Identity
    failure: str
    plans: tuple[BootstrapPlan, ...]
    deployment: subprocess.CompletedProcess[str]


def run(identity: Identity, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command ``hannibal``."""
    return forked_command.run(*arguments, folder=this_checkout().root, environment=identity.environment | variables)


def cdk(identity: Identity, assembly: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [this_checkout().cdk, *arguments, "--app", assembly],
        cwd=this_checkout().root,
        env=identity.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, assembly: Callable[[str], Path]) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    server = EmbeddedAws(folder, options=("--auth", "--clock-factor", "120"))
    server.start()
    try:
        failure = failed_bootstrap(server, assembly("dev"))
        plans = prepared(server, assembly("dev"))
        cicd = as_workflow(server, CICD, **DEPLOYING)
        # Plain `cdk deploy` with a workflow's role is what this command runs.
        deployment = run(cicd, "start", "--yes", "--assembly", str(assembly("dev")))
        plan = as_workflow(server, PLAN, **PULL_REQUEST)
        yield Guarded(server, assembly("dev"), cicd, plan, failure, plans, deployment)
    finally:
        server.close()


def failed_bootstrap(server: EmbeddedAws, assembly: Path) -> str:
    """Have AuditStack, the last stack of a new account's bootstrap, fail at a name that is taken; return why.

    A topic is identified by its ARN, so that its name is not validated beforehand, as an alarm's would be.
    """
    sns = server.session().client("sns")
    topic = sns.create_topic(Name=load_settings("dev").names.security_topic)["TopicArn"]
    with pytest.raises(FailedError) as raised:
        prepared(server, assembly)
    sns.delete_topic(TopicArn=topic)
    return str(raised.value)


def refused(call: Callable[..., Any], **arguments: Any) -> str:
    """The words with which a call is denied."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response["Error"]
    assert error["Code"] in ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"), error
    return error["Message"]


# -- the way to a restricted account ----------------------------------------------------------------------------------
def test_a_bootstrap_whose_last_stack_failed_is_repeated(guarded: Guarded) -> None:
    """The trail's bucket and log group are still there, which nobody may delete, and are taken over."""
    repeated, again = guarded.plans

    assert "AuditStack could not be deployed, it is ROLLBACK_COMPLETE" in guarded.failure
    assert [step.stack for step in repeated.steps] == ["AuditStack"]
    assert again.steps == ()
    trail = guarded.server.session().client("cloudtrail").get_trail(Name="nestjs-hannibal-3")["Trail"]
    assert trail["CloudWatchLogsRoleArn"].endswith(":role/AuditStack-TrailLogRole")
    stack = guarded.server.session().client("cloudformation").describe_stack_resources(StackName="AuditStack")
    buckets = [it for it in stack["StackResources"] if it["ResourceType"] == "AWS::S3::Bucket"]
    assert len(buckets) == 3


def test_a_new_account_gets_the_roles_of_services_before_they_are_needed(guarded: Guarded) -> None:
    """Without them the first cluster and the first subnet group would be refused here."""
    roles = guarded.server.session().client("iam").list_roles(PathPrefix="/aws-service-role/")["Roles"]
    assert {role["RoleName"] for role in roles} == {
        "AWSServiceRoleForECS",
        "AWSServiceRoleForRDS",
        "AWSServiceRoleForElasticLoadBalancing",
    }


def test_a_bootstrap_restricts_cloudformation(guarded: Guarded) -> None:
    iam = guarded.server.session().client("iam")
    name = "cdk-hnb659fds-cfn-exec-role-000000000000-ap-northeast-1"
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert {policy["PolicyArn"] for policy in attached} == set(execution_policies(load_settings("dev"), "000000000000"))
    boundary = iam.get_role(RoleName=name)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    assert boundary == f"{POLICY}/HannibalDeployBoundary"


# -- what the roles are for -------------------------------------------------------------------------------------------
def test_the_workflow_starts_the_month(guarded: Guarded) -> None:
    assert guarded.deployment.returncode == 0, guarded.deployment.stderr
    stacks = guarded.cicd.client("cloudformation")
    for name in ALL_STACKS:
        assert stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def test_the_workflow_may_ask_what_validation_says(guarded: Guarded) -> None:
    asked = run(guarded.cicd, "start", "--dry-run", "--assembly", str(guarded.assembly))
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert "Asking CloudFormation what would prevent the deployment" in asked.stdout
    assert "CloudFormation's validation finds no problem" in asked.stdout, asked.stdout + asked.stderr


def test_a_template_that_was_planted_is_not_deployed(guarded: Guarded) -> None:
    """The CDK publishes nothing under a name that is taken, so it would deploy what an attacker has left there."""
    (asset,) = json.loads((guarded.assembly / "ComputeStack.assets.json").read_text(encoding="utf-8"))["files"].values()
    (place,) = asset["destinations"].values()
    where = {"Bucket": "cdk-hnb659fds-assets-000000000000-ap-northeast-1", "Key": place["objectKey"]}
    s3 = guarded.server.session().client("s3")
    own = s3.get_object(**where)["Body"].read()
    s3.put_object(**where, Body=own.replace(b"nestjs-hannibal-3-api", b"nestjs-hannibal-3-xxx"))

    try:
        refused = run(guarded.cicd, "start", "--yes", "--assembly", str(guarded.assembly))
    finally:
        s3.put_object(**where, Body=own)

    assert refused.returncode != 0
    assert f"{where['Key']} is not the ComputeStack Template of this checkout" in " ".join(refused.stderr.split())


def test_the_workflow_releases_and_goes_back(guarded: Guarded) -> None:
    released = run(guarded.cicd, "release", "--image", "example/api:2", "--mode", "bluegreen", "--yes")
    assert released.returncode == 0, released.stdout + released.stderr
    images = [parameter(guarded)]

    taken_back = run(guarded.cicd, "rollback", "--yes")
    assert taken_back.returncode == 0, taken_back.stdout + taken_back.stderr

    assert [*images, parameter(guarded)] == ["example/api:2", load_settings("dev").service.initial_image]


def parameter(guarded: Guarded) -> str:
    value: str = guarded.plan.client("ssm").get_parameter(Name=PARAMETER)["Parameter"]["Value"]
    return value


@pytest.mark.parametrize("command", ["leftovers", "releases"])
def test_the_workflow_reads_the_state_of_the_month(guarded: Guarded, command: str) -> None:
    seen = run(guarded.cicd, command, "--json")

    assert seen.returncode == 0, seen.stderr


def test_a_pull_request_sees_status_and_differences(guarded: Guarded) -> None:
    status = run(guarded.plan, "status", "--json")
    difference = cdk(guarded.plan, guarded.assembly, "diff", "--all", "--method", "template", "--fail")

    assert status.returncode == 0, status.stderr
    assert json.loads(status.stdout)["status"]["stacks"]
    assert difference.returncode == 0, difference.stderr
    assert "Number of stacks with differences: 0" in difference.stdout + difference.stderr  # where CI is set, stdout


def test_a_pull_request_deploys_nothing(guarded: Guarded) -> None:
    assert cdk(guarded.plan, guarded.assembly, "deploy", "EdgeStack", "--force").returncode != 0


WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("cloudformation", "delete_stack", {"StackName": "EdgeStack"}),
    ("cloudformation", "create_change_set", {"StackName": "EdgeStack", "ChangeSetName": "x", "TemplateBody": "{}"}),
    ("ssm", "put_parameter", {"Name": PARAMETER, "Value": "x", "Overwrite": True}),
    ("ecs", "update_service", {"cluster": "nestjs-hannibal-3-cluster", "service": "nestjs-hannibal-3-api-service"}),
    ("codedeploy", "stop_deployment", {"deploymentId": "d-ABCDEFGHI"}),
    ("rds", "delete_db_instance", {"DBInstanceIdentifier": "nestjs-hannibal-3-db", "SkipFinalSnapshot": True}),
    ("s3", "put_object", {"Bucket": "nestjs-hannibal-3-frontend-000000000000", "Key": "x", "Body": b""}),
    ("secretsmanager", "get_secret_value", {"SecretId": "hannibal/db/password"}),
    (
        "ce",
        "get_cost_and_usage",
        {
            "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-02"},
            "Granularity": "DAILY",
            "Metrics": ["UnblendedCost"],
        },
    ),
    ("logs", "get_log_events", {"logGroupName": "/ecs/nestjs-hannibal-3", "logStreamName": "x"}),
]


@pytest.mark.parametrize(("service", "operation", "arguments"), WRITES, ids=[case[1] for case in WRITES])
def test_a_pull_request_changes_nothing_and_reads_no_secret(
    guarded: Guarded, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    refused(getattr(guarded.plan.client(service), operation), **arguments)


@pytest.mark.parametrize("path", ["/x/functions", "/x/%66unctions", "/2015-03-31/functions?Action=GetFunction"])
def test_other_paths_of_an_operation_evade_no_policy(guarded: Guarded, path: str) -> None:
    def change(request: Any, **_: object) -> None:
        request.url = request.url.replace("/2015-03-31/functions", path)

    client = guarded.plan.client("lambda")
    client.meta.events.register("before-sign", change)

    refused(client.create_function, FunctionName="x", Role=arn("x"), Code={"ZipFile": b"x"})


def test_differences_are_detected_by_whoever_may_compare_resources(guarded: Guarded) -> None:
    administrator = guarded.server.session().client("iam")
    half = {"Effect": "Allow", "Action": "cloudformation:DetectStackDrift", "Resource": "*"}
    made = administrator.create_policy(
        PolicyName="HalfBoundary", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [half]})
    )
    person = new_role(guarded.server, "half", boundary=made["Policy"]["PolicyName"])

    assert guarded.cicd.client("cloudformation").detect_stack_drift(StackName="EdgeStack")["StackDriftDetectionId"]
    assert "DetectStackResourceDrift" in refused(
        person.client("cloudformation").detect_stack_drift, StackName="EdgeStack"
    )


def test_who_may_not_list_a_bucket_does_not_learn_that_an_object_is_missing(guarded: Guarded) -> None:
    """A 403 and no 404, so that what is made of a missing object on this machine is not made of it on AWS."""
    administrator = guarded.server.session()
    reading = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    administrator.client("iam").create_policy(
        PolicyName="ReadingBoundary", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [reading]})
    )
    owner, bucket = administrator.client("s3"), "nestjs-hannibal-3-frontend-000000000000"
    owner.put_object(Bucket=bucket, Key="there", Body=b"x")
    reader = new_role(guarded.server, "reader", boundary="ReadingBoundary").client("s3")

    assert reader.get_object(Bucket=bucket, Key="there")["Body"].read() == b"x"
    assert "s3:ListBucket" in refused(reader.get_object, Bucket=bucket, Key="missing")
    with pytest.raises(ClientError, match="NoSuchKey"):
        owner.get_object(Bucket=bucket, Key="missing")
    owner.delete_object(Bucket=bucket, Key="there")


def test_a_workflow_passes_no_role_but_those_of_the_task(guarded: Guarded) -> None:
    ecs = guarded.cicd.client("ecs")
    live = ecs.describe_task_definition(taskDefinition="nestjs-hannibal-3-api-task")["taskDefinition"]
    arguments = {"family": live["family"], "containerDefinitions": live["containerDefinitions"]}

    assert "iam:PassRole" in refused(ecs.register_task_definition, **arguments, taskRoleArn=arn(CICD))


def test_tags_of_a_new_task_definition_are_asked_for_by_its_family(guarded: Guarded) -> None:
    """It has no revision yet, so a permission to tag the family's revisions is none."""
    revisions = "arn:aws:ecs:ap-northeast-1:000000000000:task-definition/tagged:*"
    allowed = {"Effect": "Allow", "Action": ["ecs:RegisterTaskDefinition", "ecs:TagResource"], "Resource": revisions}
    guarded.server.session().client("iam").create_policy(
        PolicyName="RevisionsBoundary", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allowed})
    )
    ecs = new_role(guarded.server, "registering", boundary="RevisionsBoundary").client("ecs")
    containers = [{"name": "a", "image": "example/a:1", "memory": 64}]

    assert ecs.register_task_definition(family="tagged", containerDefinitions=containers)["taskDefinition"]
    tags = [{"key": "Project", "value": "another"}]
    arguments = {"family": "tagged", "containerDefinitions": containers, "tags": tags}
    assert "ecs:TagResource" in refused(ecs.register_task_definition, **arguments)


@pytest.mark.parametrize(
    ("allowed", "members", "missing"),
    [
        ((), {}, "iam:PassRole"),
        (("iam:PassRole",), {"tags": [{"key": "Project", "value": "another"}]}, "ecs:TagResource"),
        (("iam:PassRole",), {"propagateTags": "TASK_DEFINITION"}, "ecs:TagResource"),
        (("iam:PassRole", "ecs:TagResource"), {"overrides": {"taskRoleArn": arn(CICD)}}, "iam:PassRole"),
    ],
)
def test_who_runs_a_task_passes_its_roles_and_tags_it(
    guarded: Guarded, allowed: tuple[str, ...], members: dict[str, Any], missing: str
) -> None:
    administrator = guarded.server.session()
    ecs, name = administrator.client("ecs"), "nestjs-hannibal-3-api-task"
    definition = ecs.describe_task_definition(taskDefinition=name)["taskDefinition"]
    passed = [definition["taskRoleArn"], definition["executionRoleArn"]]
    statements: list[dict[str, Any]] = [{"Effect": "Allow", "Action": "ecs:RunTask", "Resource": "*"}]
    for action in allowed:
        resource = passed if action == "iam:PassRole" else "*"
        statements.append({"Effect": "Allow", "Action": action, "Resource": resource})
    number = len(administrator.client("iam").list_policies(Scope="Local")["Policies"])
    administrator.client("iam").create_policy(
        PolicyName=f"Running{number}", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements})
    )
    runner = new_role(guarded.server, f"running-{number}", boundary=f"Running{number}").client("ecs")

    asked = {"cluster": "nestjs-hannibal-3-cluster", "taskDefinition": name, **members}
    assert missing in refused(runner.run_task, **asked)


def test_the_workflow_runs_a_command(guarded: Guarded) -> None:
    """With the definition's roles and tags, and a stream of its own for the record and the lines."""
    ran = run(guarded.cicd, "run", "--", "true")
    listed = run(guarded.cicd, "runs")

    assert "may not do" not in ran.stdout + ran.stderr, ran.stderr
    assert " true" in listed.stdout, listed.stdout


# -- whom the roles trust ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "claims"),
    [
        (CICD, PULL_REQUEST),
        (CICD, {**DEPLOYING, "ref": "refs/heads/feature"}),
        (CICD, {**DEPLOYING, "sub": "repo:somebody/nestjs-hannibal-3:environment:dev"}),
        (CICD, {**DEPLOYING, "aud": "somebody"}),
        (CICD, {**DEPLOYING, "iss": "https://example.com"}),
        (CICD, {"sub": f"{REPOSITORY}:environment:dev"}),
        (PLAN, DEPLOYING),
        (DEVELOPER, DEPLOYING),
    ],
)
def test_other_tokens_get_no_role(guarded: Guarded, role: str, claims: dict[str, str]) -> None:
    refused(as_workflow, server=guarded.server, role=role, **claims)


def test_a_person_needs_a_second_factor(guarded: Guarded) -> None:
    refused(as_role, server=guarded.server, role=DEVELOPER)

    person = as_role(guarded.server, DEVELOPER, **SECOND_FACTOR)

    assert person.client("logs").describe_log_streams(logGroupName="/ecs/nestjs-hannibal-3")
    found = guarded.server.session().client("secretsmanager").list_secrets()["SecretList"]
    (connection,) = [secret["ARN"] for secret in found if secret["Name"].startswith("Connection")]
    assert "postgres" in person.client("secretsmanager").get_secret_value(SecretId=connection)["SecretString"]


@pytest.mark.parametrize("given", [{"SourceIdentity": "ann"}, {"Tags": [{"Key": "team", "Value": "web"}]}], ids=str)
def test_a_session_is_given_only_what_the_role_lets_in(guarded: Guarded, given: dict[str, Any]) -> None:
    """AWS asks for sts:SetSourceIdentity and sts:TagSession besides (IAM user guide)."""
    refused(as_role, server=guarded.server, role=DEVELOPER, **SECOND_FACTOR, **given)


def test_a_person_restores_and_the_workflow_neither_restores_nor_deletes_former_databases(guarded: Guarded) -> None:
    person = as_role(guarded.server, DEVELOPER, **SECOND_FACTOR)
    rds = guarded.server.session().client("rds")
    taken = run(guarded.cicd, "snapshots", "take", "--yes", "--json")
    assert taken.returncode == 0, taken.stdout + taken.stderr
    snapshot = json.loads(taken.stdout)["snapshot"]["name"]

    denied = run(guarded.cicd, "restore", "--to", snapshot, "--yes")
    assert "rds:RestoreDBInstanceFromDBSnapshot" in denied.stderr, denied.stderr
    restored = run(person, "restore", "--to", snapshot, "--yes")
    assert restored.returncode == 0, restored.stdout + restored.stderr

    denied = run(guarded.cicd, "stop", "--yes")
    assert "the pipeline must not" in denied.stderr, denied.stderr
    stacks = guarded.server.session().client("cloudformation").describe_stacks()["Stacks"]
    assert {it["StackName"] for it in stacks} >= set(EPHEMERAL_STACKS), "nothing was destroyed"
    let_go = run(person, "restore", "--let-go", "--yes")
    assert let_go.returncode == 0, let_go.stdout + let_go.stderr
    assert len(rds.describe_db_instances()["DBInstances"]) == 1


# -- what nobody may do, whatever his own policies say ----------------------------------------------------------------
@pytest.fixture(scope="module")
def bounded(guarded: Guarded) -> dict[str, Identity]:
    """Administrators but for their boundary: what they are refused, the boundary refuses."""
    boundaries = ("HannibalCICDBoundary", "HannibalECSBoundary")
    return {boundary: new_role(guarded.server, f"under-{boundary}", boundary=boundary) for boundary in boundaries}


ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OPEN_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    }
)
FORBIDDEN: list[tuple[str, str, dict[str, Any]]] = [
    ("iam", "create_user", {"UserName": "intruder"}),
    ("iam", "create_access_key", {"UserName": "intruder"}),
    ("iam", "delete_role_permissions_boundary", {"RoleName": CICD}),
    ("iam", "create_role", {"RoleName": "nestjs-hannibal-3-free", "AssumeRolePolicyDocument": OPEN_TRUST}),
    ("iam", "put_role_permissions_boundary", {"RoleName": CICD, "PermissionsBoundary": ADMINISTRATOR}),
    ("iam", "update_assume_role_policy", {"RoleName": CICD, "PolicyDocument": OPEN_TRUST}),
    (
        "iam",
        "create_policy_version",
        {"PolicyArn": f"{POLICY}/HannibalCICDBoundary", "PolicyDocument": OPEN_TRUST, "SetAsDefault": True},
    ),
    ("cloudtrail", "stop_logging", {"Name": "nestjs-hannibal-3"}),
    ("cloudtrail", "delete_trail", {"Name": "nestjs-hannibal-3"}),
    ("secretsmanager", "get_secret_value", {"SecretId": "another/project"}),
    ("sts", "assume_role", {"RoleArn": arn("outside"), "RoleSessionName": "tests"}),
    ("s3", "delete_object", {"Bucket": "nestjs-hannibal-3-cloudtrail-logs-000000000000", "Key": "x"}),
    ("s3", "delete_bucket_policy", {"Bucket": "nestjs-hannibal-3-cloudtrail-logs-000000000000"}),
    (
        "cloudformation",
        "update_termination_protection",
        {"StackName": "AuditStack", "EnableTerminationProtection": False},
    ),
    ("ec2", "run_instances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1}),
    ("ssm", "send_command", {"DocumentName": "AWS-RunShellScript"}),
    ("kms", "create_key", {}),
    ("organizations", "leave_organization", {}),
]


@pytest.fixture(scope="module")
def targets(guarded: Guarded) -> None:
    """What must stay out of reach, so that a refusal is not just that nothing is there."""
    new_role(guarded.server, "outside", boundary="HannibalECSBoundary")
    secrets = guarded.server.session().client("secretsmanager")
    secrets.create_secret(Name="another/project", SecretString="x", Tags=[{"Key": "Project", "Value": "another"}])


@pytest.mark.usefixtures("targets")
@pytest.mark.parametrize("boundary", ["HannibalCICDBoundary", "HannibalECSBoundary"])
@pytest.mark.parametrize(("service", "operation", "arguments"), FORBIDDEN, ids=[case[1] for case in FORBIDDEN])
def test_boundaries_refuse_administrators(
    bounded: dict[str, Identity], boundary: str, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    refused(getattr(bounded[boundary].client(service), operation), **arguments)


@pytest.mark.usefixtures("targets")
@pytest.mark.parametrize(("service", "operation", "arguments"), FORBIDDEN, ids=[case[1] for case in FORBIDDEN])
def test_the_workflow_is_refused_as_well(
    guarded: Guarded, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    refused(getattr(guarded.cicd.client(service), operation), **arguments)


def test_a_boundary_that_is_loosened_refuses_no_more(guarded: Guarded) -> None:
    """The refusals above are the boundary's own: the same administrator under a wider one is not refused."""
    iam = guarded.server.session().client("iam")
    iam.create_policy(PolicyName="LoosenedBoundary", PolicyDocument=json.dumps(EVERYTHING))
    loosened = new_role(guarded.server, "under-loosened", boundary="LoosenedBoundary")

    assert loosened.client("iam").create_user(UserName="welcome")["User"]
    iam.delete_user(UserName="welcome")


def test_a_role_that_carries_the_narrow_boundary_may_be_made_by_cloudformation(guarded: Guarded) -> None:
    iam = new_role(guarded.server, "under-deploy", boundary="HannibalDeployBoundary").client("iam")
    made = {"RoleName": "nestjs-hannibal-3-bounded", "AssumeRolePolicyDocument": OPEN_TRUST}

    assert iam.create_role(**made, PermissionsBoundary=f"{POLICY}/HannibalECSBoundary")["Role"]
    assert iam.put_role_policy(RoleName=made["RoleName"], PolicyName="x", PolicyDocument=json.dumps(EVERYTHING))


# -- the roles that run the system ------------------------------------------------------------------------------------
@pytest.mark.usefixtures("targets")
def test_tasks_read_the_projects_secrets_by_their_tag(guarded: Guarded) -> None:
    secrets = as_service_role(guarded.server, "nestjs-hannibal-3-task-execution").client("secretsmanager")
    found = guarded.server.session().client("secretsmanager").list_secrets()["SecretList"]
    (connection,) = [secret["ARN"] for secret in found if secret["Name"].startswith("Connection")]

    assert "postgres" in secrets.get_secret_value(SecretId=connection)["SecretString"]
    refused(secrets.get_secret_value, SecretId="another/project")


def test_the_tag_decides_under_the_boundary(bounded: dict[str, Identity], guarded: Guarded) -> None:
    administrator = guarded.server.session().client("secretsmanager")
    for project in ("nestjs-hannibal-3", "another"):
        administrator.create_secret(
            Name=f"tagged/{project}", SecretString="x", Tags=[{"Key": "Project", "Value": project}]
        )
    secrets = bounded["HannibalECSBoundary"].client("secretsmanager")

    assert secrets.get_secret_value(SecretId="tagged/nestjs-hannibal-3")["SecretString"] == "x"
    refused(secrets.get_secret_value, SecretId="tagged/another")


def test_the_caller_is_its_role(guarded: Guarded) -> None:
    """The administrator's CloudFormation may set the trail's bucket up; the pipeline's may not."""
    administrators = as_role(guarded.server, "cdk-hnbadmin-cfn-exec-role-000000000000-ap-northeast-1")
    pipelines = as_role(guarded.server, "cdk-hnb659fds-cfn-exec-role-000000000000-ap-northeast-1")
    bucket = "nestjs-hannibal-3-cloudtrail-logs-000000000000"

    policy = administrators.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]
    assert administrators.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    refused(pipelines.client("s3").put_bucket_policy, Bucket=bucket, Policy=policy)
    refused(pipelines.client("s3").delete_bucket, Bucket=bucket)
    refused(pipelines.client("cloudtrail").stop_logging, Name="nestjs-hannibal-3")


# -- the end of the month ----------------------------------------------------------------------------------------------
def test_the_drift_workflow_compares_all_stacks(guarded: Guarded) -> None:
    compared = run(as_workflow(guarded.server, "HannibalDriftRole-Dev", **DRIFTING), "drift", "--json")

    assert compared.returncode == 0, compared.stdout + compared.stderr


def test_a_spent_budget_pauses_with_narrow_permissions_and_a_person_resumes(guarded: Guarded, tmp_path: Path) -> None:
    """The workflow turns the setting on within the month, without an administrator."""
    settings = settings_of("schedule")
    application = new_app(tmp_path)
    build(application, settings)
    application.synth()
    started = run(guarded.cicd, "start", "--yes", "--assembly", str(tmp_path))
    assert started.returncode == 0, started.stdout + started.stderr
    names, session = settings.names, guarded.server.session()
    told = control(guarded.server, "POST", "budgets", {"actual": settings.guardrail.monthly_budget_usd + 1})["told"]
    assert any(topic.endswith(names.limit_topic) for topic in told)

    def paused() -> bool:
        (service,) = session.client("ecs").describe_services(cluster=names.cluster, services=[names.service])[
            "services"
        ]
        (database,) = session.client("rds").describe_db_instances()["DBInstances"]
        alarms = session.client("cloudwatch").describe_alarms(AlarmNames=[names.no_target_alarm])["MetricAlarms"]
        silent = [it["AlarmName"] for it in alarms if not it["ActionsEnabled"]]
        return service["desiredCount"] == 0 and database["DBInstanceStatus"] == "stopped" and len(silent) == 1

    wait_for(paused)
    person = as_role(guarded.server, DEVELOPER, **SECOND_FACTOR)
    for name in names.resume_schedules:
        schedule = person.client("scheduler").get_schedule(Name=name)
        assert schedule["State"] == "DISABLED"
        kept = ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")
        wanted = {key: schedule[key] for key in kept} | {"State": "ENABLED"}
        assert "scheduler:UpdateSchedule" in refused(guarded.cicd.client("scheduler").update_schedule, **wanted)
        person.client("scheduler").update_schedule(**wanted)
    assert "scheduler:UpdateSchedule" in refused(
        person.client("scheduler").update_schedule, **wanted | {"Name": names.pause_schedule("PauseTasks")}
    )


def test_the_workflow_ends_the_month(guarded: Guarded) -> None:
    stopped = run(guarded.cicd, "stop", "--yes", CDK_APP=str(guarded.assembly))  # else the CDK synthesizes once more

    assert stopped.returncode == 0, stopped.stdout + stopped.stderr
    stacks = guarded.cicd.client("cloudformation")
    for name in EPHEMERAL_STACKS:
        with pytest.raises(ClientError, match="does not exist"):
            stacks.describe_stacks(StackName=name)
    assert guarded.cicd.client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]


# -- the account as it was left; last, because what is deleted here stays deleted --------------------------------------
def account_of(person: Identity) -> tuple[set[str], list[str]]:
    """What the doctor finds about the account, and what it could not look at."""
    looked = run(person, "doctor", "account", "--json")
    (examination,) = json.loads(looked.stdout)["examinations"]
    return {finding["cause"] for finding in examination["findings"]}, examination["skipped"]


def test_people_and_the_drift_workflow_see_the_accounts_safeguards(guarded: Guarded) -> None:
    person = as_role(guarded.server, DEVELOPER, **SECOND_FACTOR)
    drift = as_workflow(guarded.server, "HannibalDriftRole-Dev", **DRIFTING)

    assert account_of(person) == account_of(drift) == (set(), [])


def test_they_see_which_safeguard_was_removed(guarded: Guarded) -> None:
    session = guarded.server.session()
    name = "nestjs-hannibal-3"
    session.client("cloudwatch").delete_alarms(AlarmNames=[f"{name}-security-exposure"])
    session.client("logs").delete_metric_filter(
        logGroupName=f"/cloudtrail/{name}", filterName=f"{name}-security-exposure"
    )
    session.client("events").disable_rule(Name="HannibalSnapshotTags")
    session.client("lambda").delete_function(FunctionName="HannibalSnapshotTags")
    session.client("cloudtrail").stop_logging(Name=name)
    session.client("cloudformation").update_termination_protection(
        StackName="AuditStack", EnableTerminationProtection=False
    )
    session.client("iam").attach_role_policy(
        RoleName="cdk-hnb659fds-cfn-exec-role-000000000000-ap-northeast-1", PolicyArn=ADMINISTRATOR
    )
    person = as_role(guarded.server, DEVELOPER, **SECOND_FACTOR)

    found, skipped = account_of(person)

    assert skipped == []
    assert found == {
        *("security-alarm-off", "filter-missing", "snapshot-tags-off", "trail-off", "protection-off"),
        "execution-unrestricted",
    }
    status = json.loads(run(person, "status", "--json").stdout)
    assert {gap["cause"] for gap in status["status"]["gaps"]} == found
    assert "ACCOUNT" in run(person, "status").stdout
    session.client("logs").delete_log_group(logGroupName=f"/cloudtrail/{name}")
    assert "trail-log-missing" in account_of(person)[0]
