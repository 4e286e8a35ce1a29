"""PostgreSQL for one month, with the data of the month before."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from constructs import Construct

from constructs_lib.acknowledge import acknowledge, acknowledge_wildcards
from constructs_lib.arns import allow, colon_arn
from constructs_lib.handler_function import HandlerFunction
from constructs_lib.network.network import DATA_TIER
from constructs_lib.network.security_groups import POSTGRESQL
from installation.names import RESTORE_POINT_TYPE, Names
from installation.settings import Settings
from installation.settings.database import DatabaseSettings

# The database that every PostgreSQL instance has. Another one would need DBName, which RDS refuses on a restore
# ("DBName must be null when Restoring for this Engine"), and the template is the same for both.
DATABASE_NAME = "postgres"


class RestorePoint(Construct):
    """Finds the newest manual snapshot of a database, once, when the stack is created.

    CloudFormation restores a database when `snapshot_identifier` has a value and creates an empty one when it is the
    empty string; a *changed* value replaces the running instance. So the snapshot is looked up only once in the
    life of the stack. A lookup at every deployment (an SSM parameter, a context value) would find last month's final
    snapshot deleted or find a newer one, and replace a database in use.

    Creation fails, with the reason in the stack's events, instead of starting from an older snapshot than the newest,
    or empty although there is one. A database that is still being deleted, as after `cdk destroy --express`, is
    waited for: its final snapshot may not be listed yet.

    Attributes:
        snapshot_identifier: the snapshot to restore, or the empty string for a new database; known at deployment.
    """

    def __init__(self, scope: Construct, construct_id: str, *, names: Names) -> None:
        super().__init__(scope, construct_id)
        snapshots = colon_arn(self, "rds", "snapshot", "*")
        database = colon_arn(self, "rds", "db", names.database)
        handler = HandlerFunction(
            self,
            "Handler",
            names=names,
            module="newest_snapshot",
            description=f"Finds the newest manual snapshot of {names.database}",
            permissions=[
                allow("rds:DescribeDBInstances", database),
                allow("rds:DescribeDBSnapshots", database, snapshots),
            ],
            # Lambda's longest. A snapshot of a small database takes a few minutes, and an unfinished one is waited for.
            timeout=cdk.Duration.minutes(15),
            role_name=names.restore_role,
        )
        reason = (
            "CloudFormation chooses the names of final snapshots, so no pattern is narrower; the action only reads "
            "names, dates and states."
        )
        acknowledge_wildcards(handler, {"rds:snapshot:*": reason})
        answer = handler.custom_resource("Answer", RESTORE_POINT_TYPE, {"DatabaseIdentifier": names.database})
        self.snapshot_identifier = answer.get_att_string("SnapshotIdentifier")


class Database(Construct):
    """An RDS instance that is restored from its newest snapshot, and leaves a final snapshot when it is deleted.

    Its name is fixed: snapshots are found by it, and CloudFormation refuses to replace a resource that has a fixed
    name, which protects a database.

    Args:
        settings: version, size and limits, and when the database runs.
        password: reference to this month's password of the master user.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        password: cdk.SecretValue,
    ) -> None:
        super().__init__(scope, construct_id)
        names, database, schedule = settings.names, settings.database, settings.schedule
        engine = rds.DatabaseInstanceEngine.postgres(
            version=rds.PostgresEngineVersion.of(database.engine_version, database.engine_version.split(".")[0])
        )
        restore_point = RestorePoint(self, "RestorePoint", names=names)
        parameters = rds.ParameterGroup(
            self,
            "Parameters",
            engine=engine,
            description=f"{names.database}: the connection limit that the alarm is a share of, and TLS only",
            parameters={"max_connections": str(database.max_connections), "rds.force_ssl": "1"},
        )
        backups, maintenance = schedule.windows if schedule else (None, None)
        # Not DatabaseInstanceFromSnapshot, which has no master user: without a snapshot this creates the database.
        self.instance = rds.DatabaseInstance(
            self,
            "Instance",
            instance_identifier=names.database,
            engine=engine,
            instance_type=ec2.InstanceType(database.instance_class.removeprefix("db.")),
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name=DATA_TIER),
            security_groups=[security_group],
            port=POSTGRESQL,
            # A restore keeps the user of its snapshot, and CloudFormation sets the password afterwards
            # (aws-cloudformation-resource-providers-rds, CreateHandler).
            credentials=rds.Credentials.from_password(database.user, password),
            parameter_group=parameters,
            allocated_storage=database.storage_gib,
            storage_type=rds.StorageType.GP3,
            storage_encrypted=True,
            multi_az=database.multi_az,
            publicly_accessible=False,
            backup_retention=cdk.Duration.days(database.backup_retention_days),
            preferred_backup_window=backups,
            preferred_maintenance_window=maintenance,
            # Automatic backups end with the instance; the final snapshot outlives it.
            delete_automated_backups=True,
            copy_tags_to_snapshot=True,
            cloudwatch_logs_exports=["postgresql"],
            # A minor upgrade by RDS would leave a snapshot that is newer than engine_version, and CloudFormation
            # requests that version after a restore: a downgrade, which RDS refuses
            # (aws-cloudformation-resource-providers-rds, Translator.modifyDbInstanceAfterCreateRequest).
            auto_minor_version_upgrade=False,
            # By default RDS moves a major version past its end of support into Extended Support, which costs money for
            # each vCPU and hour. Without it, RDS then upgrades to the next major version (RDS user guide, "Extended
            # Support").
            engine_lifecycle_support=rds.EngineLifecycleSupport.OPEN_SOURCE_RDS_EXTENDED_SUPPORT_DISABLED,
            # The month ends by deleting the instance; the policies below keep its data.
            deletion_protection=False,
            removal_policy=cdk.RemovalPolicy.SNAPSHOT,
        )
        resource = self.instance.node.default_child
        assert isinstance(resource, rds.CfnDBInstance)  # noqa: S101 - tells mypy what the L2 made
        resource.db_snapshot_identifier = restore_point.snapshot_identifier
        if (copy := database.backup_copy) is not None:
            resource.automatic_backup_replication_region = copy.region
            resource.automatic_backup_replication_kms_key_id = copy.kms_key
            resource.automatic_backup_replication_retention_period = copy.retention_days
        self._acknowledge(database)

    def _acknowledge(self, settings: DatabaseSettings) -> None:
        reasons = {
            "AwsSolutions-RDS10": "The instance is deleted at every month's end on purpose; deletion and "
            "update-replace policies are Snapshot, and the next month is restored from it.",
            "AwsSolutions-RDS11": "The port is reached from the service's security group only; another number hides "
            "nothing and would have to be told to every tool.",
            "CloudFormation-Validate::E9006": "The CDK knows the versions of its own day, and RDS withdraws them a "
            "year later: `hannibal start` asks RDS, and names the line to write.",
        }
        if not settings.multi_az:
            reasons["AwsSolutions-RDS3"] = "One zone by setting: a development month may wait for a restore."
        acknowledge(self.instance, reasons)
