"""An account whose pipeline's or developer's credentials were stolen, and the identities of the attacker."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.support.embedded.identities import DEPLOYING, PULL_REQUEST, Identity, arn, as_role, as_workflow
from tests.support.embedded.server import EmbeddedAws

# Identity, service, operation, arguments.
Way = tuple[str, str, str, Mapping[str, Any]]
ACCOUNT, REGION = "000000000000", "ap-northeast-1"
PROJECT = "nestjs-hannibal-3"
CICD, BOOTSTRAP = "HannibalCICDRole-Dev", f"-role-{ACCOUNT}-{REGION}"
DEVELOPER, PLAN, DRIFT = (f"Hannibal{it}Role-Dev" for it in ("Developer", "PRPlan", "Drift"))
COMPARING = {**DEPLOYING, "job_workflow_ref": DEPLOYING["job_workflow_ref"].replace("deploy.yml", "drift.yml")}
SECOND_FACTOR = {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/phone", "TokenCode": "123456"}
DEPLOY, PUBLISH, LOOKUP, EXECUTION = (
    f"cdk-hnb659fds-{purpose}{BOOTSTRAP}" for purpose in ("deploy", "file-publishing", "lookup", "cfn-exec")
)
ADMINISTRATOR = f"cdk-hnbadmin-cfn-exec{BOOTSTRAP}"
ADMINISTRATORS_BUCKET = f"cdk-hnbadmin-assets-{ACCOUNT}-{REGION}"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy"
EVERYTHING = "arn:aws:iam::aws:policy/AdministratorAccess"
TRAIL, TRAIL_BUCKET, TRAIL_GROUP = PROJECT, f"{PROJECT}-cloudtrail-logs-{ACCOUNT}", f"/cloudtrail/{PROJECT}"
TRAIL_ROLE = "AuditStack-TrailLogRole"
ALARM = f"{PROJECT}-security-trail-change"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:{PROJECT}-security"
SNAPSHOT = f"{PROJECT}-db-final"
SNAPSHOT_ARN, DATABASE_ARN = (
    f"arn:aws:rds:{REGION}:{ACCOUNT}:{it}" for it in (f"snapshot:{SNAPSHOT}", f"db:{PROJECT}-db")
)
# Of another project, with names that begin like this project's.
OTHERS_ROLE, OTHERS_SECRET = "NetworkStack-OfAnother", "ConnectionOfAnother"
NOBODYS_ROLE = "NetworkStack-WithoutTags"
OTHERS_TAGS: Any = [{"Key": "Project", "Value": "another"}]
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
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError")


class Account:
    """A prepared account, and the identities of the attacker in it."""

    def __init__(self, server: EmbeddedAws) -> None:
        self.server = server
        cicd = as_workflow(server, CICD, **DEPLOYING)
        self.identities = {
            "cicd": cicd,
            "deploy": self._chained(cicd, DEPLOY),
            "publish": self._chained(cicd, PUBLISH),
            # CloudFormation creates the resources of templates with this role.
            "execution": as_role(server, EXECUTION),
            # The role of a function or task with the attacker's code, with all permissions that he could give it.
            "running": self._role("ComputeStack-Running", f"{POLICY}/HannibalECSBoundary"),
            # The same with a role name for which the boundary has further rules.
            "verifying": self._role(f"{PROJECT}-verify-release", f"{POLICY}/HannibalECSBoundary"),
            "developer": as_role(server, DEVELOPER, **SECOND_FACTOR),
            # Whoever may push a branch, and whoever runs code in the drift workflow.
            "plan": as_workflow(server, PLAN, **PULL_REQUEST),
            "drift": as_workflow(server, DRIFT, **COMPARING),
            "unguarded": self._role("unguarded", None),
        }
        secrets = server.session().client("secretsmanager")
        for name in ("another/project", OTHERS_SECRET):
            secrets.create_secret(Name=name, SecretString="x", Tags=OTHERS_TAGS)
        server.session().client("ssm").put_parameter(Name="/another/key", Value="x", Type="String", Tags=OTHERS_TAGS)
        server.session().client("iam").create_role(
            RoleName=OTHERS_ROLE, AssumeRolePolicyDocument=json.dumps(self._trust()), Tags=OTHERS_TAGS
        )
        server.session().client("iam").create_role(
            RoleName=NOBODYS_ROLE, AssumeRolePolicyDocument=json.dumps(self._trust())
        )
        rds = server.session().client("rds")
        rds.create_db_instance(
            DBInstanceIdentifier=f"{PROJECT}-db",
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="hannibal",
            MasterUserPassword="not-a-secret",
        )
        rds.get_waiter("db_instance_available").wait(
            DBInstanceIdentifier=f"{PROJECT}-db", WaiterConfig={"Delay": 1, "MaxAttempts": 900}
        )
        rds.create_db_snapshot(DBInstanceIdentifier=f"{PROJECT}-db", DBSnapshotIdentifier=SNAPSHOT)

    def _chained(self, identity: Identity, role: str) -> Identity:
        answer = identity.client("sts").assume_role(RoleArn=arn(role), RoleSessionName="attacker")
        return Identity(self.server, answer["Credentials"])

    def _trust(self) -> Any:
        trust = json.loads(OUTSIDER)
        trust["Statement"][0]["Principal"] = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        return trust

    def _role(self, name: str, boundary: str | None) -> Identity:
        iam = self.server.session().client("iam")
        limits: dict[str, Any] = {"PermissionsBoundary": boundary} if boundary else {}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(self._trust()), **limits)
        iam.attach_role_policy(RoleName=name, PolicyArn=EVERYTHING)
        return as_role(self.server, name)


def code(identity: Identity, way: Way) -> str:
    """The error code of a call; empty where it succeeds."""
    _, service, operation, arguments = way
    try:
        getattr(identity.client(service), operation)(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    except BotoCoreError as error:
        pytest.fail(f"the call is not one of AWS's: {error}")
    return ""
