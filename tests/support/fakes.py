"""A small account in memory, with clients that answer like boto3's to the calls of the operations command."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from installation import names
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.polling import Polling
from tests.support.aws import aws_of
from tests.support.boto_model import ModelledClient
from tests.support.fake_clients import FakeClient, FakeGroup, NotFoundError, client_error
from tests.support.fake_running_system import FakeCloudWatch, FakeEc2, FakeEcs, FakeElb, FakeLogs, FakeSns
from tests.support.fake_safeguards import FakeFunctions, FakeLock, FakeRoles, FakeRules, FakeTrail, Safeguards

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FAR_AWAY = datetime(2099, 1, 1, tzinfo=UTC)
ACCOUNT = "123456789012"
_FAST = Polling(seconds=0.01)
REGION = "ap-northeast-1"
FINAL = "storagestack-snapshot-database-"


class FakeSts(FakeClient):
    meta = SimpleNamespace(endpoint_url="https://sts.ap-northeast-1.amazonaws.com")

    def get_caller_identity(self) -> Any:
        if self.account.identity_error:
            raise self.account.identity_error
        return {"Account": self.account.number, "Arn": f"arn:aws:iam::{self.account.number}:user/somebody"}


class FakeCloudFormation(FakeClient):
    def describe_stacks(self, StackName: str | None = None) -> Any:  # noqa: N803 - boto3's name
        if StackName is None:
            return {"Stacks": list(self.account.stacks.values())}
        for stack in self.account.stacks.values():
            if StackName in (stack["StackName"], stack["StackId"]):
                return {"Stacks": [stack]}
        raise client_error("ValidationError", f"Stack with id {StackName} does not exist")

    def list_stacks(self, StackStatusFilter: list[str]) -> Any:  # noqa: N803
        assert StackStatusFilter == ["DELETE_COMPLETE"]
        return {"StackSummaries": self.account.deleted_stacks}

    def describe_stack_events(self, StackName: str) -> Any:  # noqa: N803
        return {"StackEvents": list(reversed(self.account.events.get(StackName, [])))}

    def describe_events(self, StackName: str, Filters: Any) -> Any:  # noqa: N803
        return {"OperationEvents": []}

    def list_stack_resources(self, StackName: str) -> Any:  # noqa: N803
        return {"StackResourceSummaries": self.account.resources.get(StackName, [])}

    def get_template(self, StackName: str, TemplateStage: str = "Original") -> Any:  # noqa: N803
        assert TemplateStage == "Original"
        return {"TemplateBody": self.account.templates[StackName]}

    def describe_change_set(self, ChangeSetName: str, StackName: str) -> Any:  # noqa: N803
        executed = self.account.stacks[StackName].get("ChangeSetId")
        if StackName not in self.account.changes or ChangeSetName != (executed or "cdk-deploy-change-set"):
            raise client_error("ChangeSetNotFound")
        return {"Changes": [{}] * self.account.changes[StackName]}


class FakeRds(FakeClient):
    def describe_db_engine_versions(self, Engine: str) -> Any:  # noqa: N803
        assert Engine == "postgres"
        return {"DBEngineVersions": [{"EngineVersion": it} for it in self.account.engine_versions]}

    def describe_db_major_engine_versions(self, Engine: str, MajorEngineVersion: str) -> Any:  # noqa: N803
        ends = {"LifecycleSupportName": "open-source-rds-standard-support", "LifecycleSupportEndDate": FAR_AWAY}
        return {"DBMajorEngineVersions": [{"Engine": Engine, "SupportedEngineLifecycles": [ends]}]}

    def describe_account_attributes(self) -> Any:
        if self.account.most_snapshots is None:
            raise client_error("AccessDenied", "not authorized to perform: rds:DescribeAccountAttributes")
        used = max(len(self.account.snapshots), self.account.used_snapshots)
        quota = {"AccountQuotaName": "ManualSnapshots", "Used": used, "Max": self.account.most_snapshots}
        return {"AccountQuotas": [{"AccountQuotaName": "DBInstances", "Used": 1, "Max": 40}, quota]}

    def describe_db_snapshots(self, SnapshotType: str, DBInstanceIdentifier: str = "") -> Any:  # noqa: N803
        assert SnapshotType == "manual"
        if not DBInstanceIdentifier:  # snapshots of databases that a restore has renamed
            return {"DBSnapshots": []}
        assert DBInstanceIdentifier == "nestjs-hannibal-3-db"
        answer = list(self.account.snapshots)
        self.account.after_snapshots_read()
        return {"DBSnapshots": answer}

    def delete_db_snapshot(self, DBSnapshotIdentifier: str) -> None:  # noqa: N803
        self.account.changed.append(f"delete {DBSnapshotIdentifier}")
        left = [s for s in self.account.snapshots if s["DBSnapshotIdentifier"] != DBSnapshotIdentifier]
        if len(left) == len(self.account.snapshots):
            raise NotFoundError
        self.account.snapshots = left

    def describe_db_instance_automated_backups(self, DBInstanceIdentifier: str) -> Any:  # noqa: N803
        assert DBInstanceIdentifier == "nestjs-hannibal-3-db"
        return {"DBInstanceAutomatedBackups": self.account.automated_backups}

    def describe_db_instances(self, DBInstanceIdentifier: str = "") -> Any:  # noqa: N803
        if not DBInstanceIdentifier:
            own = {"DBInstanceIdentifier": "nestjs-hannibal-3-db"}
            return {
                "DBInstances": [*([own | self.account.database] if self.account.database else []), *self.account.others]
            }
        found = [it for it in self.account.others if it.get("DBInstanceIdentifier") == DBInstanceIdentifier]
        if not found and self.account.database is None:
            raise NotFoundError
        return {"DBInstances": found or [self.account.database]}


class FakeSsm(FakeClient):
    def get_parameter(self, Name: str) -> Any:  # noqa: N803
        if Name not in self.account.parameters:
            raise NotFoundError
        return {"Parameter": {"Value": self.account.parameters[Name], "Version": 7, "LastModifiedDate": NOW}}

    def describe_parameters(self, ParameterFilters: list[Any]) -> Any:  # noqa: N803
        (wanted,) = ParameterFilters
        assert (wanted["Key"], wanted["Option"]) == ("Name", "BeginsWith")
        names = [name for name in self.account.parameters if name.startswith(wanted["Values"][0])]
        return {"Parameters": [{"Name": name, "Version": 7, "LastModifiedDate": NOW} for name in names]}


class FakeCodeDeploy(FakeGroup):
    def list_deployments(self, **arguments: Any) -> Any:
        self.get_deployment_group()
        wanted = arguments["includeOnlyStatuses"]
        return {"deployments": [key for key, status in self.account.deployments.items() if status in wanted]}

    def get_deployment(self, deploymentId: str) -> Any:  # noqa: N803
        status = self.account.deployments[deploymentId]
        return {"deploymentInfo": {"status": status, "createTime": NOW, "creator": "user"}}


class FakeS3(FakeLock):
    def list_objects_v2(self, **_: Any) -> Any:
        return {"Contents": [{"Size": size} for size in self.account.objects]}

    def get_object(self, Bucket: str, Key: str) -> Any:  # noqa: N803
        raise client_error("NoSuchKey")


class FakeEcr(FakeClient):
    def describe_images(self, **arguments: Any) -> Any:
        if any(set(it.values()) & set(self.account.missing_images) for it in arguments.get("imageIds", [])):
            raise client_error("ImageNotFoundException")
        return {"imageDetails": [{"imageDigest": "sha256:" + "a" * 64, "imageSizeInBytes": 250_000_000}] * 4}


class FakeIam(FakeRoles):
    def list_roles(self, PathPrefix: str) -> Any:  # noqa: N803
        known = any(f"/{service}/" in PathPrefix for service in self.account.service_roles)
        return {"Roles": self.account.ecs_roles if known else []}

    def create_service_linked_role(self, AWSServiceName: str) -> None:  # noqa: N803
        if self.account.ecs_role_error:
            raise self.account.ecs_role_error
        self.account.changed.append(f"role of {AWSServiceName}")

    def list_open_id_connect_providers(self) -> Any:
        return {"OpenIDConnectProviderList": [{"Arn": arn} for arn in self.account.identity_providers]}


@dataclass
class FakeAccount:
    """The state behind the clients, which a test sets as it needs."""

    number: str = ACCOUNT
    identity_error: Exception | None = None
    stacks: dict[str, Any] = field(default_factory=dict)
    deleted_stacks: list[Any] = field(default_factory=list)
    events: dict[str, list[Any]] = field(default_factory=dict)
    resources: dict[str, list[Any]] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)
    templates: dict[str, Any] = field(default_factory=dict)
    snapshots: list[Any] = field(default_factory=list)
    used_snapshots: int = 0
    log_groups: list[str] = field(default_factory=lambda: ["/ecs/nestjs-hannibal-3"])
    most_snapshots: int | None = 100
    database: Any = None
    others: list[Any] = field(default_factory=list)
    automated_backups: list[Any] = field(default_factory=list)
    engine_versions: tuple[str, ...] = ("17.6", "18.3", "18.4")
    parameters: dict[str, str] = field(default_factory=lambda: {"/cdk-bootstrap/hnb659fds/version": "30"})
    deployments: dict[str, str] = field(default_factory=dict)
    deployment_error: str = ""
    services: list[Any] = field(default_factory=list)
    tasks: list[Any] = field(default_factory=list)
    target_groups: dict[str, list[Any]] = field(default_factory=dict)
    listeners: list[Any] = field(default_factory=list)
    alarms: list[Any] = field(default_factory=list)
    metric_data: list[Any] = field(default_factory=list)
    datapoints: list[Any] = field(default_factory=list)
    objects: list[int] = field(default_factory=list)
    cloudfront_prefix_list: str | None = "pl-58a04531"
    missing_images: tuple[str, ...] = ()  # images that the repository lacks, each by tag or digest
    ecs_roles: list[Any] = field(default_factory=lambda: [{"RoleName": "AWSServiceRoleForECS"}])
    service_roles: list[str] = field(
        default_factory=lambda: [
            "ecs.amazonaws.com",
            "ecs.application-autoscaling.amazonaws.com",
            "elasticloadbalancing.amazonaws.com",
            "rds.amazonaws.com",
        ]
    )
    ecs_role_error: Exception | None = None
    identity_providers: list[str] = field(default_factory=list)
    subscriptions: list[dict[str, str]] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    safeguards: Safeguards = field(default_factory=Safeguards)

    def after_snapshots_read(self) -> None:
        """Advance each snapshot in creation by 50 percent with each read."""
        for snapshot in self.snapshots:
            if snapshot["Status"] == "creating":
                snapshot["PercentProgress"] += 50
                snapshot["Status"] = "available" if snapshot["PercentProgress"] >= 100 else "creating"

    def add_stack(self, name: str, status: str = "CREATE_COMPLETE", **more: Any) -> None:
        self.stacks[name] = {
            "StackName": name,
            "StackId": f"arn:{name}",
            "StackStatus": status,
            "CreationTime": NOW - timedelta(hours=3),
            "Tags": [{"Key": "Project", "Value": "nestjs-hannibal-3"}, {"Key": "Environment", "Value": "dev"}],
            **more,
        }

    def add_month(self) -> None:
        """Add all stacks in a stable state, with a database and a service."""
        self.database = {"DBInstanceStatus": "available"}
        self.services = [{"status": "ACTIVE", "desiredCount": 1, "runningCount": 1, "pendingCount": 0}]
        for name in names.ALL_STACKS:
            self.add_stack(name, EnableTerminationProtection=name in names.PERSISTENT_STACKS)

    def add_snapshot(
        self, name: str, *, days_old: float = 1, status: str = "available", prunable: bool = False
    ) -> None:
        self.snapshots.append(
            {
                "DBSnapshotIdentifier": name,
                "DBInstanceIdentifier": "nestjs-hannibal-3-db",
                "SnapshotCreateTime": NOW - timedelta(days=days_old),
                "Status": status,
                "PercentProgress": 100 if status != "creating" else 0,
                "AllocatedStorage": 20,
                "EngineVersion": "18.3",
                "TagList": [{"Key": "Prunable", "Value": "true"}] if prunable else [],
            }
        )

    def add_event(self, stack: str, status: str, resource: str = "", *, kind: str = "", reason: str = "") -> None:
        """Add an event of a stack; without a resource it is about the stack itself."""
        events = self.events.setdefault(f"arn:{stack}", [])
        events.append(
            {
                "EventId": f"{stack}-{len(events)}",
                "StackId": f"arn:{stack}",
                "StackName": stack,
                "Timestamp": NOW + timedelta(seconds=len(events)),
                "LogicalResourceId": resource or stack,
                "PhysicalResourceId": "" if resource else f"arn:{stack}",
                "ResourceType": kind or ("AWS::SNS::Topic" if resource else "AWS::CloudFormation::Stack"),
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
            }
        )

    def aws(
        self, settings: Settings | None = None, *, configured_region: str | None = REGION, polling: Polling = _FAST
    ) -> Aws:
        """Clients of this account, with the settings of ``config/dev.yaml`` unless others are given."""
        clients = {
            "sts": FakeSts,
            "cloudformation": FakeCloudFormation,
            "rds": FakeRds,
            "ssm": FakeSsm,
            "codedeploy": FakeCodeDeploy,
            "ec2": FakeEc2,
            "ecs": FakeEcs,
            "elbv2": FakeElb,
            "cloudwatch": FakeCloudWatch,
            "logs": FakeLogs,
            "s3": FakeS3,
            "ecr": FakeEcr,
            "iam": FakeIam,
            "sns": FakeSns,
            "secretsmanager": FakeClient,
            "cloudtrail": FakeTrail,
            "lambda": FakeFunctions,
            "events": FakeRules,
        }
        made = {name: ModelledClient(name, client(self)) for name, client in clients.items()}
        made["lambda_"] = made.pop("lambda")
        return aws_of(settings=settings, configured_region=configured_region, polling=polling, **made)
