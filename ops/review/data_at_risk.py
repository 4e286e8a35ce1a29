"""Data that a change may lose: resources with data that are deleted, replaced, or kept for a shorter time."""

from collections.abc import Iterator

from ops.review.changes import Change, Comparison, Kind
from ops.review.data import TYPES
from ops.review.finding import Finding, Severity, Subject, about, causes, harmless, look, risk
from ops.review.new_values import new_values
from ops.templates.schemas import Replacement
from ops.templates.values import Json, Map, canonical, items, mapping, number, references, written

_LOG_GROUP = "AWS::Logs::LogGroup"
# Types that AWS deletes only when they are empty (DeleteBucket, DeleteRepository, DeleteBackupVault).
_NEVER_EMPTIED = frozenset({"AWS::Backup::BackupVault", "AWS::ECR::Repository", "AWS::S3::Bucket"})
# The fields of a lifecycle rule that select objects; all other fields are actions.
_ABOUT = ("Status", "Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
_PROTECTIONS = ("DeletionProtection", "DeletionProtectionEnabled")
_KEEPS = {"Delete": 0, "Snapshot": 1, "RetainExceptOnCreate": 2, "Retain": 3}


def data_at_risk(comparison: Comparison) -> Iterator[Finding]:
    """Findings about data in resources, and about deletion policies of all resources."""
    for change in comparison.changes:
        if change.type in TYPES.stateful:
            yield from _deletion_findings(change, comparison)
            yield from _replacement_findings(change)
            yield from _logs_itself(change)
            yield from _same_lifecycle(change)
            yield from _weakened(change, comparison)
            yield from _added(change, comparison)
            yield from _function_logs(change, comparison)
        elif change.kind is Kind.CHANGED:
            yield from _weakened(change, comparison)
        if comparison.head.stacks[change.stack].lifecycle == "ephemeral":
            yield from _outlives_the_month(change)


def _outlives_the_month(change: Change) -> Iterator[Finding]:
    """What an ephemeral stack leaves behind from now on: without data by its policy, else with a name of its own."""
    if change.kind is Kind.REMOVED or change.type.startswith("Custom::"):
        return
    names = [it for it in change.names if change.after(*it.split("/")) is not None]
    new_name = any(change.differs(*it.split("/")) for it in names)
    stays, stayed = (deletion_policy(it).startswith("Retain") for it in (change.new, change.old))
    if stays and (new_name or not stayed) and (names or change.type not in TYPES.stateful):
        message = "stays after the month's end by its `DeletionPolicy`: it keeps costing money, nothing manages it"
        in_use = ", and the next month begins with the same name, which is in use: it fails" if names else ""
        yield risk(change, Subject.STACKS, "data-left-behind", message + in_use, ".DeletionPolicy")


def _is_supported_policy(change: Change, attribute: str) -> bool:
    """Whether CloudFormation accepts a policy for a type (user guide, DeletionPolicy and UpdateReplacePolicy)."""
    policy = change.new.get(attribute)
    if policy == "Snapshot":
        return change.type in TYPES.snapshots
    return policy in (None, "Delete", "Retain") or (policy, attribute) == ("RetainExceptOnCreate", "DeletionPolicy")


def deletion_policy(resource: Map) -> str:
    """The effective deletion policy of a resource."""
    written = resource.get("DeletionPolicy")
    if isinstance(written, str):
        return written
    return "Snapshot" if str(resource.get("Type")) in TYPES.snapshot_by_default else "Delete"


def replace_policy(resource: Map) -> str:
    """The effective update replace policy: what happens to the old resource after a replacement."""
    written = resource.get("UpdateReplacePolicy")
    return written if isinstance(written, str) else "Delete"


def _deletion_findings(change: Change, comparison: Comparison) -> Iterator[Finding]:
    if change.kind is not Kind.REMOVED:
        return
    policy = deletion_policy(change.old)
    of_function = change.logical_id in comparison.sides[change.stack].function_logs[0]
    if policy == "Delete" and change.type == _LOG_GROUP and of_function:
        message = "is deleted with its lines: the log of a function, which is no evidence"
        yield look(change, Subject.DATA, "data-deleted", message, "*")
    elif policy == "Delete":
        message = f"is deleted with what it holds: its deletion policy is `{policy}`"
        yield risk(change, Subject.DATA, "data-deleted", message)
    elif policy == "Snapshot":
        yield risk(change, Subject.DATA, "data-deleted", "is deleted; a final snapshot is taken first")
    else:
        message = (
            "leaves the template and stays in the account (`Retain`): nothing manages it, it keeps costing money, and "
            "its name stays in use"
        )
        yield risk(change, Subject.DATA, "data-left-behind", message)


def _replacement_findings(change: Change) -> Iterator[Finding]:
    if change.kind is not Kind.CHANGED or change.replacement is Replacement.NO:
        return
    claims = [it.name for it in change.properties if it.replacement is change.replacement]
    names = causes(change)
    if change.replacement is Replacement.MAY:
        # CloudFormation refuses to replace a resource whose fixed name stays the same, so nothing is lost.
        severity = Severity.LOOK if change.fixed_name else Severity.RISK
        refused = "; as its name is fixed, CloudFormation would refuse that" if change.fixed_name else ""
        message = f"may be replaced by a change of {names}{refused}"
        yield about(change, Subject.DATA, severity, "data-may-be-replaced", message)
    elif change.fixed_name:
        message = (
            f"would be replaced through {names}, by {_successor(change)}; CloudFormation refuses it, because the name "
            f"`{change.fixed_name}` is fixed, and the deployment fails"
        )
        yield risk(change, Subject.DATA, "data-replacement-refused", message, *claims)
    else:
        ends = {"Delete": "is deleted with what it holds", "Snapshot": "leaves a snapshot"}
        end = ends.get(replace_policy(change.old), "stays, unmanaged")
        message = f"is replaced through {names}, by {_successor(change)}; the old one {end}"
        yield risk(change, Subject.DATA, "data-replaced", message, *claims)


def _successor(change: Change) -> str:
    """Description of the new resource after a replacement."""
    if change.after("DBSnapshotIdentifier"):
        return "one restored from the snapshot that `DBSnapshotIdentifier` names"
    return "an empty one"


def _logs_itself(change: Change) -> Iterator[Finding]:
    """A bucket that logs into itself: writing a log is again a request (S3 user guide, "Logging server access")."""
    if change.after("LoggingConfiguration") is None:
        return
    target = change.after("LoggingConfiguration", "DestinationBucketName")  # by default the bucket itself
    itself = target is None or change.logical_id in references(target) or target == change.after("BucketName")
    if change.type == "AWS::S3::Bucket" and itself and change.differs("LoggingConfiguration"):
        message = "logs into itself: each line causes another one, without end, and all of them cost money"
        yield risk(change, Subject.COST, "logs-without-end", message, "LoggingConfiguration")


def _same_lifecycle(change: Change) -> Iterator[Finding]:
    """Lifecycle rules that are merged or split and do the same as before."""
    before, after = (_actions(side("LifecycleConfiguration", "Rules")) for side in (change.before, change.after))
    if before and before == after and change.differs("LifecycleConfiguration"):
        message = "`LifecycleConfiguration` does the same by other rules"
        yield harmless(change, Subject.DATA, "equal-form", message, "LifecycleConfiguration/Rules")


def _actions(rules: Json) -> set[str]:
    """Each single action of a bucket's lifecycle rules, with the objects that it is about."""
    found: set[str] = set()
    for rule in map(mapping, items(rules)):
        about_what = {name: it for name, it in rule.items() if name in _ABOUT}
        found |= {canonical({**about_what, name: it}) for name, it in rule.items() if name not in (*_ABOUT, "Id")}
    return found


def _weakened(change: Change, comparison: Comparison) -> Iterator[Finding]:
    """Changes of deletion and update replace policies."""
    if change.kind is not Kind.CHANGED:
        return
    for attribute, policy in (("DeletionPolicy", deletion_policy), ("UpdateReplacePolicy", replace_policy)):
        before, after = policy(change.old), policy(change.new)
        same = (before, change.old.get(attribute)) == (after, change.new.get(attribute))
        if not same and (found := _judge_policy(change, attribute, before, after, comparison)):
            yield about(change, Subject.DATA, *found, f".{attribute}")


def _judge_policy(
    change: Change, attribute: str, before: str, after: str, comparison: Comparison
) -> tuple[Severity, str, str] | None:
    """Severity, rule and message for a changed policy; None where another rule judges it."""
    stateful, deletion = change.type in TYPES.stateful, attribute == "DeletionPolicy"
    if not _is_supported_policy(change, attribute):
        return Severity.RISK, "policy-unknown", _unknown(attribute, change.new.get(attribute))
    if (before, after) == ("Retain", "RetainExceptOnCreate"):
        message = f"`{attribute}`: kept as before, unless the deployment that made it is rolled back"
        return Severity.LOOK, "policy-changed", message
    if _KEEPS.get(after, 0) < _KEEPS.get(before, 0):
        severity = Severity.RISK if deletion or stateful else Severity.LOOK
        return severity, "policy-weakened", f"`{attribute}` is weakened from `{before}` to `{after}`"
    if before == after != "Delete" and attribute not in change.new:
        message = f"no longer has its `{attribute}`: `{before}` is now only CloudFormation's default"
        return Severity.LOOK, "policy-unsaid", message
    if before == after:
        return Severity.HARMLESS, "default-spelled-out", "has the value that its absence means"
    if deletion and change.type in TYPES.snapshot_by_default:
        message = f"leaves no final snapshot at the month's end (`{after}`)"
        stays = ": the database stays, costs money, and keeps its name, so that the next start fails"
        return Severity.RISK, "snapshot-dropped", message if after == "Delete" else message + stays
    if stateful and deletion and comparison.head.stacks[change.stack].lifecycle == "ephemeral":
        message = f"stays in the account after each month (`{after}`): nothing manages it, and it keeps costing money"
        return Severity.LOOK, "data-left-behind", message
    return (Severity.HARMLESS, "kept-longer", f"is kept more carefully: `{before}` to `{after}`") if stateful else None


def _unknown(attribute: str, policy: Json) -> str:
    if isinstance(policy, str):
        return f"CloudFormation refuses `{attribute}` `{policy}` here"
    return f"`{attribute}` is `{written(policy)}`: its value is decided at deployment"


def _function_logs(change: Change, comparison: Comparison) -> Iterator[Finding]:
    """Function logs that are kept for a shorter time: they are neither evidence nor the product's log."""
    before, after = (number(side("RetentionInDays")) for side in (change.before, change.after))
    if change.type != _LOG_GROUP or before is None or after is None or before <= after:
        return
    if change.logical_id in comparison.sides[change.stack].function_logs[1]:
        message = f"`RetentionInDays` `{before:g}` → `{after:g}`: what the function wrote before that is deleted"
        yield look(change, Subject.DATA, "retention-cut", message, "RetentionInDays")


def _is_deleted_with_content(change: Change) -> bool:
    """Whether its deletion includes its content, by a property or by the CDK's function, which reads a tag."""
    tagged = "aws-cdk:auto-delete-objects" in written(change.after("Tags"))
    return tagged or written(change.after("EmptyOnDelete")).lower() == "true"


def _is_protected(change: Change) -> bool:
    """Whether AWS refuses to delete it, or waits for days, as for a key."""
    said = (it for it in new_values(change) if it.path[-1] in _PROTECTIONS)
    return change.type == "AWS::KMS::Key" or any(it.text.lower() in ("true", "active") for it in said)


def _added(change: Change, comparison: Comparison) -> Iterator[Finding]:
    if change.kind is not Kind.ADDED:
        return
    if comparison.head.stacks[change.stack].lifecycle != "ephemeral":
        if change.type in _NEVER_EMPTIED:
            goes, how = _is_deleted_with_content(change), "is emptied and deleted"
        else:
            deletable = "DeletionPolicy" in change.new or not _is_protected(change)
            goes, how = change.type in TYPES.kept_by_products and deletable, "is deleted"
        if goes and deletion_policy(change.new) == "Delete":
            message = f"{how} when it leaves the template: resources of a persistent stack are to stay"
            yield risk(change, Subject.DATA, "destroys", message)
        return
    if comparison.base.stacks and deletion_policy(change.new) == "Delete":
        if change.type in _NEVER_EMPTIED and not _is_deleted_with_content(change):
            message = (
                "is new in an ephemeral stack: where it is not empty CloudFormation cannot delete it, and the "
                "month's end fails: a persistent stack keeps it (law 2)"
            )
            yield risk(change, Subject.DATA, "data-for-a-month", message)
            return
        lost = change.type in TYPES.kept_by_products
        effect = ", and the next month begins without it: a persistent stack keeps it (law 2)" if lost else ""
        message = f"is new and holds data in an ephemeral stack: it is deleted at the end of each month{effect}"
        yield about(change, Subject.DATA, Severity.RISK if lost else Severity.LOOK, "data-for-a-month", message)
