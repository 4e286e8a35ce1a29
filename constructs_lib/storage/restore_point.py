"""Which snapshot the database of a new month starts from."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge_wildcards
from constructs_lib.colon_arn import colon_arn
from constructs_lib.handler_function import HandlerFunction
from installation import names

# Lambda's longest. A snapshot of a small database takes a few minutes, and an unfinished one is waited for.
PATIENCE = cdk.Duration.minutes(15)


class RestorePoint(Construct):
    """Finds the newest manual snapshot of a database, once, when the stack is created.

    CloudFormation restores a database when `snapshot_identifier` has a value and creates an empty one when it is the
    empty string; a *changed* value replaces the running instance. So the answer may be looked for only once in the
    life of the stack. A lookup at every deployment (an SSM parameter, a context value) would find last month's final
    snapshot gone or a newer one there, and replace a database in use.

    Creation fails, with the reason in the stack's events, rather than start from an older snapshot than the newest,
    or from nothing while there is one. A database that is still being deleted, as after `cdk destroy --express`, is
    waited for: its final snapshot may not be listed yet.

    Args:
        database_identifier: name of the instance whose snapshots count, also after it is gone.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        database_identifier: str,
        role_name: str,
        log_group: logs.ILogGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        snapshots = colon_arn(self, "rds", "snapshot", "*")
        database = colon_arn(self, "rds", "db", database_identifier)
        handler = HandlerFunction(
            self,
            "Handler",
            module="newest_snapshot",
            description=f"Finds the newest manual snapshot of {database_identifier}",
            permissions=[
                iam.PolicyStatement(actions=["rds:DescribeDBInstances"], resources=[database]),
                iam.PolicyStatement(actions=["rds:DescribeDBSnapshots"], resources=[database, snapshots]),
            ],
            timeout=PATIENCE,
            role_name=role_name,
            log_group=log_group,
        )
        reason = (
            "CloudFormation chooses the names of final snapshots, so no pattern is narrower; the action only reads "
            "names, dates and states."
        )
        acknowledge_wildcards(handler, {"rds:snapshot:*": reason})
        self._answer = cdk.CustomResource(
            self,
            "Answer",
            resource_type=names.RESTORE_POINT_TYPE,
            service_token=handler.function.function_arn,
            properties={"DatabaseIdentifier": database_identifier},
            service_timeout=PATIENCE.plus(cdk.Duration.minutes(1)),
        )

    @property
    def snapshot_identifier(self) -> str:
        """The snapshot to restore, or the empty string for a new database; known at deployment."""
        return self._answer.get_att_string("SnapshotIdentifier")
