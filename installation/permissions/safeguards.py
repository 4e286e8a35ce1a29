"""What `hannibal doctor` and `hannibal status` read to say whether the account is as an administrator left it."""

from installation.permissions.grants import Arns, Grant, of
from installation.permissions.tasks import OF_THIS_GROUP


def see_safeguards(arns: Arns) -> tuple[Grant, ...]:
    """Roles of the CDK's bootstrap, trail, its log group and files, and what tags snapshots; alarms are seen anyway."""
    names = arns.names
    purposes = ("cfn-exec", "deploy", "file-publishing", "image-publishing", "lookup")
    roles = [names.bootstrap_role(it, arns.account, arns.region) for it in purposes]
    return (
        Grant(
            sid="SeeBootstrapRoles",
            actions=of("iam", "GetRole ListAttachedRolePolicies"),
            resources=arns.worldwide("iam", *(f"role/{role}" for role in roles)),
        ),
        Grant(
            sid="SeeTrail",
            actions=("cloudtrail:GetTrailStatus",),
            resources=arns.regional("cloudtrail", f"trail/{names.trail}"),
        ),
        Grant(
            sid="SeeFilters",
            actions=("logs:DescribeMetricFilters",),
            resources=arns.regional(
                "logs", f"log-group:{names.trail_log_group}", f"log-group:{names.trail_log_group}:*"
            ),
            reason=OF_THIS_GROUP,
        ),
        Grant(
            sid="SeeLock",
            actions=("s3:GetBucketObjectLockConfiguration",),
            resources=arns.buckets(names.trail_bucket(arns.account)),
        ),
        Grant(
            sid="SeeTagging",
            actions=("events:DescribeRule", "lambda:GetFunctionConfiguration"),
            resources=(
                *arns.regional("events", f"rule/{names.snapshot_rule}"),
                *arns.regional("lambda", f"function:{names.snapshot_function}"),
            ),
        ),
    )
