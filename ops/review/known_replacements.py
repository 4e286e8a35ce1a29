"""Facts about replacements by single properties that no schema contains."""

from ops.templates.schemas import Replacement
from ops.templates.values import Json, written

# Conditionally create-only in the schema; the conditions apply to replicas and to instances in clusters.
_IN_PLACE = frozenset({
    "AutoMinorVersionUpgrade", "BackupRetentionPeriod", "DBParameterGroupName", "MultiAZ", "PreferredMaintenanceWindow",
    "StorageType",
})  # fmt: skip


def known_replacement(resource_type: str, name: str, new: Json) -> tuple[Replacement, str] | None:
    """A fact that overrides both sources, with its reason; None where there is none."""
    if resource_type == "AWS::ECS::TaskDefinition":
        return Replacement.NO, "a task definition is never replaced: a new revision stands beside the old ones"
    if (resource_type, name) == ("AWS::RDS::DBInstance", "DBSnapshotIdentifier"):
        # Source: aws-cloudformation-resource-providers-rds, ImmutabilityHelper.isDBSnapshotIdentifierMutable.
        if new in (None, ""):
            return Replacement.NO, "an emptied snapshot identifier leaves the instance as it is"
        return Replacement.WILL, f"another snapshot identifier ({written(new)}) means another instance"
    if resource_type == "AWS::RDS::DBInstance" and name in _IN_PLACE:
        why = "changed in place on an instance that is no replica (RDS API reference, ModifyDBInstance)"
        return Replacement.NO, why
    if (resource_type, name) == ("AWS::RDS::DBInstance", "Engine"):
        return Replacement.WILL, "another engine cannot read the data: it means another instance"
    return None
