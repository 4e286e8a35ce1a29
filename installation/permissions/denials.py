"""What a boundary denies because what it allows, by names and by what actions are about, would cover it.

All else that is forbidden is simply not allowed: a boundary lists what there is room for.
"""

from installation.permissions.grants import Arns, Conditions, Grant, of
from installation.persistent_names import PRUNABLE_TAG


def only_narrow_roles(arns: Arns) -> Grant:
    """For CloudFormation: a role that is made or given more must carry the narrow boundary.

    No condition key shows what a trust policy says.
    """
    narrow = list(arns.worldwide("iam", f"policy/{arns.names.ecs_boundary}"))
    return deny(
        "RolesCarryBoundary",
        *of("iam", "AttachRolePolicy CreateRole PutRolePermissionsBoundary PutRolePolicy"),
        conditions={"StringNotEquals": {"iam:PermissionsBoundary": narrow}},
    )


def trail_files_stay(arns: Arns) -> Grant:
    """For people and workflows, whose buckets are known by the project's name."""
    names, account = arns.names, arns.account
    audit = (names.trail_bucket(account), names.audit_log_bucket(account))
    return deny("TrailFilesStay", *of("s3", "Delete* Put*"), resources=arns.buckets(*(f"{name}*" for name in audit)))


def security_alarms_stay(arns: Arns) -> Grant:
    """Alarms of the trail's lines, whose names begin like those of all others."""
    return deny(
        "SecurityAlarmsStay",
        *of("cloudwatch", "Delete* Put*"),
        resources=arns.regional("cloudwatch", f"alarm:{arns.names.security_alarms}*"),
    )


def snapshots_stay() -> Grant:
    """Only what an administrator has tagged as prunable may be deleted."""
    return deny(
        "SnapshotsStay",
        "rds:DeleteDBSnapshot",
        conditions={"StringNotEquals": {f"aws:ResourceTag/{PRUNABLE_TAG}": "true"}},
    )


def others_stay(arns: Arns) -> Grant:
    """What says by its tag that it is another project's, whatever its name begins with.

    Both conditions, because a missing key is unequal to everything (IAM user guide, "Condition operators").
    """
    key = "aws:ResourceTag/Project"
    return deny("OthersStay", "*", conditions={"StringNotEquals": {key: arns.names.project}, "Null": {key: "false"}})


def nobody_tags_as_prunable() -> Grant:
    """Neither a snapshot, nor a database whose snapshots copy its tags.

    In no spelling: RDS tells ``prunable`` from ``Prunable``, and a condition on ``aws:ResourceTag/Prunable`` matches
    both (IAM user guide, "AWS global condition context keys").
    """
    return deny(
        "NoPrunableTags",
        "rds:*",
        conditions={"ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": [PRUNABLE_TAG]}},
    )


def deny(
    sid: str,
    *actions: str,
    resources: tuple[str, ...] = ("*",),
    conditions: Conditions | None = None,
) -> Grant:
    """A statement that denies."""
    return Grant(sid=sid, effect="Deny", actions=actions, resources=resources, conditions=dict(conditions or {}))
