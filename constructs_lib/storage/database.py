"""PostgreSQL for one month, with the data of the month before."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.network.network import DATA_TIER
from constructs_lib.network.security_groups import POSTGRESQL
from constructs_lib.storage.restore_point import RestorePoint
from installation.settings import Settings
from installation.settings.database import DatabaseSettings

# The database that every PostgreSQL instance has. Another one would need DBName, which RDS refuses on a restore
# ("DBName must be null when Restoring for this Engine"), and the template is the same for both.
DATABASE_NAME = "postgres"


class Database(Construct):
    """An RDS instance that is restored from its newest snapshot, and leaves a final snapshot when it is deleted.

    Its name is fixed: snapshots are found by it, and CloudFormation refuses to replace a resource that has a fixed
    name, which protects a database.

    Args:
        settings: version, size and limits, and when the database runs.
        security_group: the group that lets the service in.
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
        }
        if not settings.multi_az:
            reasons["AwsSolutions-RDS3"] = "One zone by setting: a development month may wait for a restore."
        acknowledge(self.instance, reasons)
