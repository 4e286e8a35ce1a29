"""Somebody has stolen the pipeline's credentials, and each role that they lead to (law 8).

He tries to become an administrator, to stay, to erase the evidence and to destroy the data. Each way is refused; and
each call is made once more without boundary and policies in its way, where it is not refused: so these refuse it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.audit.alarms import security_events
from installation.settings_file import load_settings
from tests.embedded.conftest import EmbeddedAws
from tests.support.embedded.identities import DEPLOYING, Identity, arn, as_role, as_workflow
from tests.support.embedded.preparing import prepared

pytestmark = pytest.mark.embedded
ACCOUNT, REGION = "000000000000", "ap-northeast-1"
PROJECT = "nestjs-hannibal-3"
CICD, BOOTSTRAP = "HannibalCICDRole-Dev", f"-role-{ACCOUNT}-{REGION}"
DEPLOY, PUBLISH, LOOKUP, EXECUTION = (
    f"cdk-hnb659fds-{purpose}{BOOTSTRAP}" for purpose in ("deploy", "file-publishing", "lookup", "cfn-exec")
)
ADMINISTRATOR = f"cdk-hnbadmin-cfn-exec{BOOTSTRAP}"
ADMINISTRATORS_BUCKET = f"cdk-hnbadmin-assets-{ACCOUNT}-{REGION}"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy"
EVERYTHING = "arn:aws:iam::aws:policy/AdministratorAccess"
TRAIL, TRAIL_BUCKET, TRAIL_GROUP = PROJECT, f"{PROJECT}-cloudtrail-logs-{ACCOUNT}", f"/cloudtrail/{PROJECT}"
ALARM = f"{PROJECT}-security-trail-change"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:{PROJECT}-security"
SNAPSHOT = f"{PROJECT}-db-final"
SNAPSHOT_ARN, DATABASE_ARN = (
    f"arn:aws:rds:{REGION}:{ACCOUNT}:{it}" for it in (f"snapshot:{SNAPSHOT}", f"db:{PROJECT}-db")
)
PRUNABLE = [{"Key": "Prunable", "Value": "true"}]
OUTSIDER = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}
        ],
    }
)
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
EMPTY = {"TemplateBody": json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})}
CODE = {"Runtime": "python3.13", "Handler": "index.handler", "Code": {"ZipFile": b"x"}}

Way = tuple[str, str, str, Mapping[str, Any]]
# -- become an administrator, by ...
POWER: list[Way] = [
    ("cicd", "iam", "create_user", {"UserName": "thief"}),
    ("cicd", "iam", "create_access_key", {"UserName": "thief"}),
    ("cicd", "iam", "create_role", {"RoleName": "ComputeStack-Thief", "AssumeRolePolicyDocument": OUTSIDER}),
    ("cicd", "iam", "attach_role_policy", {"RoleName": CICD, "PolicyArn": EVERYTHING}),
    ("cicd", "sts", "assume_role", {"RoleArn": arn(ADMINISTRATOR), "RoleSessionName": "thief"}),
    ("cicd", "sts", "assume_role", {"RoleArn": arn(EXECUTION), "RoleSessionName": "thief"}),
    ("cicd", "sts", "assume_role", {"RoleArn": arn(LOOKUP), "RoleSessionName": "thief"}),
    ("cicd", "s3", "put_object", {"Bucket": ADMINISTRATORS_BUCKET, "Key": "IdentityStack/x.json", "Body": b"{}"}),
    ("publish", "s3", "put_object", {"Bucket": ADMINISTRATORS_BUCKET, "Key": "IdentityStack/x.json", "Body": b"{}"}),
    ("publish", "sts", "assume_role", {"RoleArn": arn(ADMINISTRATOR), "RoleSessionName": "thief"}),
    ("deploy", "s3", "put_object", {"Bucket": ADMINISTRATORS_BUCKET, "Key": "IdentityStack/x.json", "Body": b"{}"}),
    *(
        ("deploy", "cloudformation", "create_change_set", {"StackName": stack, "ChangeSetName": "thief", **EMPTY})
        for stack in ("IdentityStack", "AuditStack", "CDKToolkit", "CDKToolkit-Admin")
    ),
    ("deploy", "cloudformation", "update_stack", {"StackName": "IdentityStack", **EMPTY}),
    ("deploy", "cloudformation", "create_stack", {"StackName": "AnotherStack", **EMPTY}),
    ("deploy", "cloudformation", "execute_change_set", {"StackName": "IdentityStack", "ChangeSetName": "reviewed"}),
    (
        "deploy",
        "cloudformation",
        "create_change_set",
        {
            "StackName": "ComputeStack",
            "ChangeSetName": "thief",
            "ChangeSetType": "CREATE",
            "RoleARN": arn(ADMINISTRATOR),
            **EMPTY,
        },
    ),
    *(
        (
            "execution",
            "iam",
            "create_role",
            {"RoleName": "ComputeStack-Thief", "AssumeRolePolicyDocument": OUTSIDER} | it,
        )
        for it in (
            {},
            {"PermissionsBoundary": f"{POLICY}/HannibalCICDBoundary"},
            {"PermissionsBoundary": f"{POLICY}/HannibalDeployBoundary"},
            {"PermissionsBoundary": EVERYTHING},
        )
    ),
    ("execution", "iam", "attach_role_policy", {"RoleName": EXECUTION, "PolicyArn": EVERYTHING}),
    ("execution", "iam", "put_role_policy", {"RoleName": CICD, "PolicyName": "x", "PolicyDocument": DOCUMENT}),
    ("execution", "iam", "delete_role_permissions_boundary", {"RoleName": EXECUTION}),
    (
        "execution",
        "iam",
        "create_policy_version",
        {"PolicyArn": f"{POLICY}/HannibalECSBoundary", "PolicyDocument": DOCUMENT, "SetAsDefault": True},
    ),
    ("execution", "lambda", "create_function", {"FunctionName": "ComputeStack-x", "Role": arn(ADMINISTRATOR), **CODE}),
    ("execution", "lambda", "create_function", {"FunctionName": "ComputeStack-x", "Role": arn(CICD), **CODE}),
    ("running", "iam", "create_role", {"RoleName": "ComputeStack-Thief", "AssumeRolePolicyDocument": OUTSIDER}),
    ("running", "sts", "assume_role", {"RoleArn": arn(DEPLOY), "RoleSessionName": "thief"}),
]
# -- stay after the credentials are withdrawn, by ...
STAYING: list[Way] = [
    ("cicd", "iam", "update_assume_role_policy", {"RoleName": CICD, "PolicyDocument": OUTSIDER}),
    ("execution", "iam", "update_assume_role_policy", {"RoleName": CICD, "PolicyDocument": OUTSIDER}),
    ("execution", "iam", "update_assume_role_policy", {"RoleName": DEPLOY, "PolicyDocument": OUTSIDER}),
    ("execution", "iam", "create_user", {"UserName": "thief"}),
    ("execution", "iam", "create_access_key", {"UserName": "thief"}),
    (
        "execution",
        "iam",
        "create_open_id_connect_provider",
        {"Url": "https://thief.example.com", "ClientIDList": ["sts.amazonaws.com"]},
    ),
    ("execution", "iam", "create_instance_profile", {"InstanceProfileName": "thief"}),
    ("execution", "ec2", "run_instances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1}),
]
# -- erase the evidence, by ...
EVIDENCE: list[Way] = [
    *(
        (who, service, operation, arguments)
        for who in ("cicd", "execution")
        for service, operation, arguments in (
            ("cloudtrail", "stop_logging", {"Name": TRAIL}),
            ("cloudtrail", "put_event_selectors", {"TrailName": TRAIL, "EventSelectors": []}),
            ("s3", "delete_object", {"Bucket": TRAIL_BUCKET, "Key": "AWSLogs/x.json.gz"}),
            ("s3", "put_bucket_policy", {"Bucket": TRAIL_BUCKET, "Policy": DOCUMENT}),
            ("s3", "delete_bucket_lifecycle", {"Bucket": TRAIL_BUCKET}),
            ("cloudwatch", "disable_alarm_actions", {"AlarmNames": [ALARM]}),
            ("cloudwatch", "delete_alarms", {"AlarmNames": [ALARM]}),
            ("logs", "delete_metric_filter", {"logGroupName": TRAIL_GROUP, "filterName": ALARM}),
            ("logs", "delete_log_group", {"logGroupName": TRAIL_GROUP}),
            ("sns", "delete_topic", {"TopicArn": TOPIC}),
            ("cloudtrail", "delete_trail", {"Name": TRAIL}),
        )
    ),
    ("publish", "s3", "delete_object", {"Bucket": TRAIL_BUCKET, "Key": "AWSLogs/x.json.gz"}),
    ("deploy", "cloudformation", "update_stack", {"StackName": "AuditStack", **EMPTY}),
    ("deploy", "cloudformation", "delete_stack", {"StackName": "AuditStack"}),
    *(
        (
            "deploy",
            "cloudformation",
            "update_termination_protection",
            {"StackName": stack, "EnableTerminationProtection": False},
        )
        for stack in ("AuditStack", "ArtifactStack")
    ),
    ("running", "logs", "create_log_stream", {"logGroupName": TRAIL_GROUP, "logStreamName": "forged"}),
]
# -- destroy the last copy of the data, by ...
DATA: list[Way] = [
    *(
        (who, "rds", "delete_db_snapshot", {"DBSnapshotIdentifier": SNAPSHOT})
        for who in ("cicd", "execution", "running")
    ),
    *(
        (who, "rds", "add_tags_to_resource", {"ResourceName": SNAPSHOT_ARN, "Tags": PRUNABLE})
        for who in ("cicd", "execution")
    ),
    ("execution", "rds", "add_tags_to_resource", {"ResourceName": DATABASE_ARN, "Tags": PRUNABLE}),
    (
        "execution",
        "rds",
        "modify_db_snapshot_attribute",
        {"DBSnapshotIdentifier": SNAPSHOT, "AttributeName": "restore", "ValuesToAdd": ["111122223333"]},
    ),
    ("running", "secretsmanager", "get_secret_value", {"SecretId": "another/project"}),
    ("execution", "secretsmanager", "get_secret_value", {"SecretId": "another/project"}),
]
WAYS = [*POWER, *STAYING, *EVIDENCE, *DATA]
IDS = [f"{who}-{operation}-{number}" for number, (who, _, operation, _) in enumerate(WAYS)]
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError")


class Account:
    """A prepared account, and the identities of the thief in it."""

    def __init__(self, server: EmbeddedAws) -> None:
        self.server = server
        cicd = as_workflow(server, CICD, **DEPLOYING)
        self.identities = {
            "cicd": cicd,
            "deploy": self._chained(cicd, DEPLOY),
            "publish": self._chained(cicd, PUBLISH),
            # What a template makes, CloudFormation does with this role.
            "execution": as_role(server, EXECUTION),
            # A function or task that runs the thief's code, with all that he could give its role.
            "running": self._role("ComputeStack-Running", f"{POLICY}/HannibalECSBoundary"),
            "unguarded": self._role("unguarded", None),
        }
        secrets = server.session().client("secretsmanager")
        secrets.create_secret(Name="another/project", SecretString="x", Tags=[{"Key": "Project", "Value": "another"}])
        rds = server.session().client("rds")
        rds.create_db_instance(
            DBInstanceIdentifier=f"{PROJECT}-db",
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="hannibal",
            MasterUserPassword="not-a-secret",
        )
        rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier=f"{PROJECT}-db", WaiterConfig={"Delay": 1})
        rds.create_db_snapshot(DBInstanceIdentifier=f"{PROJECT}-db", DBSnapshotIdentifier=SNAPSHOT)

    def _chained(self, identity: Identity, role: str) -> Identity:
        answer = identity.client("sts").assume_role(RoleArn=arn(role), RoleSessionName="thief")
        return Identity(self.server, answer["Credentials"])

    def _role(self, name: str, boundary: str | None) -> Identity:
        iam = self.server.session().client("iam")
        trust = json.loads(OUTSIDER)
        trust["Statement"][0]["Principal"] = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        limits: dict[str, Any] = {"PermissionsBoundary": boundary} if boundary else {}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), **limits)
        iam.attach_role_policy(RoleName=name, PolicyArn=EVERYTHING)
        return as_role(self.server, name)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory, assembly: Callable[[str], Path]) -> Iterator[Account]:
    server = EmbeddedAws(tmp_path_factory.mktemp("thief"), options=("--auth", "--clock-factor", "120"))
    server.start()
    try:
        _, again = prepared(server, assembly("dev"))
        assert again.steps == ()
        yield Account(server)
    finally:
        server.close()


def code(identity: Identity, way: Way) -> str:
    """The code of the error that a call ends with; empty where it succeeds."""
    _, service, operation, arguments = way
    try:
        getattr(identity.client(service), operation)(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    except BotoCoreError as error:
        pytest.fail(f"the call is not one of AWS's: {error}")
    return ""


def test_there_are_enough_ways() -> None:
    assert len(WAYS) >= 40


@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_the_thief_is_refused(account: Account, way: Way) -> None:
    assert code(account.identities[way[0]], way) in DENIED


def test_what_cannot_be_refused_is_seen_by_an_alarm(account: Account) -> None:
    """No condition key shows whom a role trusts: a narrow role may trust an outsider, and its making sounds."""
    account.identities["execution"].client("iam").create_role(
        RoleName="ComputeStack-Stay",
        AssumeRolePolicyDocument=OUTSIDER,
        PermissionsBoundary=f"{POLICY}/HannibalECSBoundary",
    )
    patterns = {event.construct_id: event.pattern for event in security_events(load_settings("dev").names)}
    assert "$.eventName = CreateRole" in patterns["NewIdentity"]
    assert "$.eventName = UpdateAssumeRolePolicy" in patterns["IamChange"]


def test_snapshots_go_when_the_administrators_function_has_tagged_them(account: Account) -> None:
    """Neither before, nor by his own tag; and the newest never."""
    rds, functions = account.server.session().client("rds"), account.server.session().client("lambda")
    old, newest = (f"storagestack-snapshot-database-{it}" for it in ("old", "newest"))
    for name in (old, newest):
        rds.create_db_snapshot(DBInstanceIdentifier=f"{PROJECT}-db", DBSnapshotIdentifier=name)
        rds.get_waiter("db_snapshot_available").wait(DBSnapshotIdentifier=name, WaiterConfig={"Delay": 1})

    def tagged() -> str:
        answer = functions.invoke(FunctionName="HannibalSnapshotTags")
        assert "FunctionError" not in answer, answer["Payload"].read()
        return json.dumps(json.loads(answer["Payload"].read()))

    def deleting(name: str) -> str:
        way: Way = ("cicd", "rds", "delete_db_snapshot", {"DBSnapshotIdentifier": name})
        return code(account.identities["cicd"], way)

    assert tagged() == '{"tagged": [], "untagged": []}', "they are young"
    assert deleting(old) in DENIED
    settings = functions.get_function_configuration(FunctionName="HannibalSnapshotTags")["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName="HannibalSnapshotTags",
        Environment={"Variables": {**settings, "DAYS": "0", "MONTH_END_DAYS": "0"}},
    )
    assert tagged() == f'{{"tagged": ["{old}"], "untagged": []}}'
    rds.add_tags_to_resource(
        ResourceName=f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:{newest}", Tags=[{"Key": "Prunable", "Value": "true"}]
    )
    assert tagged() == f'{{"tagged": [], "untagged": ["{newest}"]}}'
    assert deleting(newest) in DENIED
    assert deleting(old) == ""


# These two roles trust CloudFormation alone, which no permission overcomes.
BY_TRUST = [
    f"{who}-{operation}-{number}"
    for number, (who, _, operation, arguments) in enumerate(WAYS)
    if arguments.get("RoleArn") in (arn(ADMINISTRATOR), arn(EXECUTION))
]
OTHERS = [(way, name) for way, name in zip(WAYS, IDS, strict=True) if name not in BY_TRUST]


@pytest.mark.parametrize("role", [ADMINISTRATOR, EXECUTION])
def test_cloudformations_roles_trust_cloudformation_alone(account: Account, role: str) -> None:
    trust: Any = account.server.session().client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    assert [it["Principal"] for it in trust["Statement"]] == [{"Service": "cloudformation.amazonaws.com"}]


@pytest.mark.parametrize("way", [way for way, _ in OTHERS], ids=[name for _, name in OTHERS])
def test_it_is_boundary_and_policies_that_refuse_it(account: Account, way: Way) -> None:
    """Last, because some of these calls do what they say."""
    assert code(account.identities["unguarded"], way) not in DENIED
