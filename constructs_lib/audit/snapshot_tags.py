"""The tag of snapshots that the pipeline may delete, set once a day by an administrator's function."""

import json

import aws_cdk as cdk
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.acknowledge import acknowledge_wildcards
from constructs_lib.arns import allow, colon_arn
from constructs_lib.handler_function import HandlerFunction
from constructs_lib.log_group import LogGroup
from installation.names import FINAL_SNAPSHOT_PREFIX, Names
from installation.names.persistent import PRUNABLE_TAG
from installation.settings.audit import AuditSettings


class SnapshotTags(Construct):
    """Tags snapshots of month ends and releases that are old enough as prunable, and takes the tag from all others.

    The pipeline deletes only what has the tag, and its boundaries keep it from the tag, from this function and from
    its role.

    Args:
        settings: from which age a snapshot may be deleted.
        security_topic: is notified when the function fails; None where the account has a trail of its own.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        settings: AuditSettings,
        security_topic: sns.ITopic | None,
    ) -> None:
        super().__init__(scope, construct_id)
        beginnings = (FINAL_SNAPSHOT_PREFIX, names.release_snapshots)
        any_snapshot, database = colon_arn(self, "rds", "snapshot", "*"), colon_arn(self, "rds", "db", names.database)
        applied = {
            "Database": names.database,
            "Beginnings": beginnings,
            "Tag": PRUNABLE_TAG,
            "Days": settings.snapshots_kept_days,
            "MonthEndDays": settings.month_ends_kept_days,
        }
        handler = HandlerFunction(
            self,
            "Handler",
            names=names,
            module="prunable_snapshots",
            description=f"Tags the snapshots of {names.database} that the pipeline may delete",
            permissions=[
                allow("rds:DescribeDBSnapshots", database, any_snapshot),
                allow(
                    "rds:AddTagsToResource rds:RemoveTagsFromResource",
                    *(colon_arn(self, "rds", "snapshot", f"{beginning}*") for beginning in beginnings),
                    conditions={"ForAllValues:StringEquals": {"aws:TagKeys": [PRUNABLE_TAG]}},
                ),
            ],
            timeout=cdk.Duration.minutes(5),
            name=names.snapshot_function,
            role_name=names.snapshot_role,
            log_group=LogGroup(self, "Log", name=names.snapshot_log_group, days=30, removal=cdk.RemovalPolicy.DESTROY),
            # Not with each call: whoever may call it could say other ages.
            environment={"SETTINGS": json.dumps(applied)},
            dead_letters=security_topic,
        )
        reason = "CloudFormation chooses the ends of these names, or they end with a time."
        acknowledge_wildcards(handler, {f"rds:snapshot:{beginning}*": reason for beginning in ("", *beginnings)})
        handler.call_regularly(
            "Daily", name=names.snapshot_rule, description="Once a day: which snapshots may be deleted", rate="1 day"
        )
