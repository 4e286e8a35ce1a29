"""The snapshot that the database of a new month is restored from."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.acknowledge import acknowledge_wildcards
from constructs_lib.arns import colon_arn
from constructs_lib.handler_function import HandlerFunction
from installation.names import RESTORE_POINT_TYPE, Names


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
                iam.PolicyStatement(actions=["rds:DescribeDBInstances"], resources=[database]),
                iam.PolicyStatement(actions=["rds:DescribeDBSnapshots"], resources=[database, snapshots]),
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
