"""What a change may lose: resources that hold data and are deleted, replaced, or no longer kept as long."""

from collections.abc import Iterator
from typing import Final

from ops.review.changes import Change, Comparison, Kind
from ops.review.concerns import Concern, Severity, Subject, about
from ops.review.engine import Replacement
from ops.review.values import Map, number, true

# Types whose deletion loses what cannot be made again from the repository.
STATEFUL: Final = frozenset(
    {
        "AWS::Backup::BackupVault",
        "AWS::Cognito::UserPool",
        "AWS::DocDB::DBCluster",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EC2::Volume",
        "AWS::ECR::Repository",
        "AWS::EFS::FileSystem",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::Logs::LogGroup",
        "AWS::Neptune::DBCluster",
        "AWS::OpenSearchService::Domain",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
        "AWS::Route53::HostedZone",
        "AWS::S3::Bucket",
        "AWS::SNS::Subscription",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::SSM::Parameter",
        "AWS::SecretsManager::Secret",
        "Custom::InitialParameter",
    }
)
_KEEPS = {"Delete": 0, "Snapshot": 1, "RetainExceptOnCreate": 2, "Retain": 3}
# CloudFormation's default is Delete, but a snapshot of an instance (outside of a cluster) or a cluster (user guide,
# DeletionPolicy attribute). UpdateReplacePolicy has no such exception.
_SNAPSHOT_BY_DEFAULT = frozenset({"AWS::RDS::DBCluster", "AWS::RDS::DBInstance"})


def data_at_risk(comparison: Comparison) -> Iterator[Concern]:
    """Concerns about data, over all resources that hold some."""
    for change in comparison.changes:
        if change.type in STATEFUL:
            yield from _deleted(change)
            yield from _replaced(change)
            yield from _weakened(change)
            yield from _added(change, comparison)


def deletion_policy(resource: Map) -> str:
    """What CloudFormation does with a resource that leaves the template."""
    written = resource.get("DeletionPolicy")
    if isinstance(written, str):
        return written
    return "Snapshot" if resource.get("Type") in _SNAPSHOT_BY_DEFAULT else "Delete"


def replace_policy(resource: Map) -> str:
    """What CloudFormation does with the old resource after a replacement."""
    written = resource.get("UpdateReplacePolicy")
    return written if isinstance(written, str) else "Delete"


def _deleted(change: Change) -> Iterator[Concern]:
    if change.kind is not Kind.REMOVED:
        return
    policy = deletion_policy(change.old)
    if policy == "Delete":
        yield _risk(change, "data-deleted", f"is deleted with what it holds: its deletion policy is `{policy}`")
    elif policy == "Snapshot":
        yield _risk(change, "data-deleted", "is deleted; a final snapshot is taken first")
    else:
        yield _risk(
            change,
            "data-left-behind",
            "leaves the template and stays in the account (`Retain`): nothing manages it, it goes on billing, and its "
            "name stays taken",
        )


def _replaced(change: Change) -> Iterator[Concern]:
    if change.kind is not Kind.CHANGED or change.replacement is Replacement.NO:
        return
    names = ", ".join(f"`{it.name}`" for it in change.properties if it.replacement is change.replacement)
    if change.replacement is Replacement.MAY:
        # CloudFormation refuses to replace a resource whose fixed name stays the same, so nothing is lost.
        severity = Severity.NOTICE if change.fixed_name else Severity.RISK
        refused = "; as its name is fixed, CloudFormation would refuse that" if change.fixed_name else ""
        yield about(
            change, Subject.DATA, severity, "data-may-be-replaced", f"may be replaced by a change of {names}{refused}"
        )
    elif change.fixed_name:
        yield _risk(
            change,
            "data-replacement-refused",
            f"would be replaced by an empty one through {names}; CloudFormation refuses it, because the name "
            f"`{change.fixed_name}` is fixed, and the deployment fails",
        )
    else:
        policy = replace_policy(change.old)
        then = {
            "Delete": "the old one is deleted with what it holds",
            "Snapshot": "the old one leaves a snapshot",
        }.get(policy, "the old one stays, unmanaged")
        yield _risk(change, "data-replaced", f"is replaced by an empty one through {names}; {then}")


def _weakened(change: Change) -> Iterator[Concern]:
    if change.kind is not Kind.CHANGED:
        return
    for attribute, policy in (("DeletionPolicy", deletion_policy), ("UpdateReplacePolicy", replace_policy)):
        before, after = policy(change.old), policy(change.new)
        if _KEEPS.get(after, 0) < _KEEPS.get(before, 0):
            yield _risk(change, "policy-weakened", f"`{attribute}` is weakened from `{before}` to `{after}`")
    if true(change.before("DeletionProtection")) and not true(change.after("DeletionProtection")):
        yield _risk(change, "protection-removed", "loses its deletion protection")
    if true(change.after("DeleteAutomatedBackups")) and change.before("DeleteAutomatedBackups") is False:
        yield _risk(change, "backups-deleted", "its automated backups would be deleted together with it")
    if change.before("VersioningConfiguration", "Status") == "Enabled" and change.differs("VersioningConfiguration"):
        yield _risk(change, "versioning-stopped", "keeps no more versions: what is overwritten or deleted is lost")
    allocated, wanted = number(change.before("AllocatedStorage")), number(change.after("AllocatedStorage"))
    if allocated and wanted and wanted < allocated:
        yield _risk(
            change, "storage-shrunk", f"RDS cannot shrink storage (`{allocated:g}` to `{wanted:g}` GiB): it refuses"
        )


def _added(change: Change, comparison: Comparison) -> Iterator[Concern]:
    stack = comparison.head.stacks.get(change.stack)
    if change.kind is not Kind.ADDED or stack is None or stack.lifecycle != "ephemeral":
        return
    if change.stack in comparison.base.stacks and deletion_policy(change.new) == "Delete":
        yield about(
            change,
            Subject.DATA,
            Severity.NOTICE,
            "data-for-a-month",
            "is new and holds data in an ephemeral stack: it is deleted at the end of each month",
        )


def _risk(change: Change, rule: str, message: str) -> Concern:
    return about(change, Subject.DATA, Severity.RISK, rule, message)
