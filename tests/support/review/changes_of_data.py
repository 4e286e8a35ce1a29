"""Changes of resources with data and of whole stacks, as functions of the application."""

from typing import Any

from installation import names
from tests.support.review.application import Application

DATABASE = "Database/Instance"


def snapshot_policy_removed(app: Application) -> None:
    database = app.resource(names.STORAGE_STACK, DATABASE)
    del database["DeletionPolicy"], database["UpdateReplacePolicy"]


def deletion_policy_weakened(app: Application) -> None:
    app.resource(names.STORAGE_STACK, DATABASE)["DeletionPolicy"] = "Delete"


def snapshot_identifier_literal(app: Application) -> None:
    app.properties(names.STORAGE_STACK, DATABASE)["DBSnapshotIdentifier"] = "nestjs-hannibal-3-db-november"


def snapshot_identifier_emptied(app: Application) -> None:
    app.properties(names.STORAGE_STACK, DATABASE)["DBSnapshotIdentifier"] = ""


def database_name_added(app: Application) -> None:
    app.properties(names.STORAGE_STACK, DATABASE)["DBName"] = "hannibal"


def database_unencrypted(app: Application) -> None:
    app.properties(names.STORAGE_STACK, DATABASE)["StorageEncrypted"] = False


def database_shrunk(app: Application) -> None:
    app.properties(names.STORAGE_STACK, DATABASE)["AllocatedStorage"] = "10"


def database_renamed_in_the_tree(app: Application) -> None:
    app.resources(names.STORAGE_STACK)["AnotherId"] = app.remove(names.STORAGE_STACK, DATABASE)


def backups_cut(app: Application) -> None:
    app.properties(names.STORAGE_STACK, DATABASE)["BackupRetentionPeriod"] = 1


def bucket_renamed(app: Application) -> None:
    app.properties(names.ARTIFACT_STACK, "Frontend")["BucketName"] = "another-name"


def bucket_removed(app: Application) -> None:
    app.remove(names.ARTIFACT_STACK, "LoadBalancerLogs")
    app.remove(names.ARTIFACT_STACK, "LoadBalancerLogs/Policy")
    _forget(app, names.ARTIFACT_STACK, "LoadBalancerLogs")


def bucket_versions_stopped(app: Application) -> None:
    properties = app.properties(names.ARTIFACT_STACK, "Frontend")
    properties["VersioningConfiguration"] = {"Status": "Suspended"}


def secret_renamed(app: Application) -> None:
    app.properties(names.ARTIFACT_STACK, "DatabasePassword")["Name"] = "another/name"


def retention_cut(app: Application) -> None:
    app.properties(names.ARTIFACT_STACK, "ServiceLogs")["RetentionInDays"] = 1


def retention_extended(app: Application) -> None:
    app.properties(names.ARTIFACT_STACK, "ServiceLogs")["RetentionInDays"] = 3653


def images_cut(app: Application) -> None:
    policy = app.properties(names.ARTIFACT_STACK, "Repository")["LifecyclePolicy"]
    assert '"countNumber":10' in policy["LifecyclePolicyText"]
    policy["LifecyclePolicyText"] = policy["LifecyclePolicyText"].replace('"countNumber":10', '"countNumber":2')


def log_group_removed(app: Application) -> None:
    app.remove(names.AUDIT_STACK, "SnapshotTags/Log")
    del app.properties(names.AUDIT_STACK, "SnapshotTags/Handler/Function")["LoggingConfig"]
    role = app.properties(names.AUDIT_STACK, "SnapshotTags/Handler/Role")
    statements = role["Policies"][0]["PolicyDocument"]["Statement"]
    statements[:] = [it for it in statements if "SnapshotTagsLog" not in str(it)]


def stack_made_ephemeral(app: Application) -> None:
    app.tags[names.ARTIFACT_STACK]["Lifecycle"] = "ephemeral"


def stack_made_persistent(app: Application) -> None:
    app.tags[names.COMPUTE_STACK]["Lifecycle"] = "persistent"


def termination_protection_removed(app: Application) -> None:
    app.protected[names.ARTIFACT_STACK] = False


def stack_gone(app: Application) -> None:
    del app.templates[names.EDGE_STACK]


def output_removed_that_is_read(app: Application) -> None:
    outputs = app.templates[names.NETWORK_STACK]["Outputs"]
    (name,) = [it for it in outputs if "SecurityGroupsDatabase" in it and it.startswith("PublishOutput")]
    del outputs[name]


def output_removed_that_people_read(app: Application) -> None:
    del app.templates[names.NETWORK_STACK]["Outputs"]["VpcId"]


def persistent_reads_ephemeral(app: Application) -> None:
    read = {"Fn::GetStackOutput": {"StackName": names.COMPUTE_STACK, "OutputName": "ClusterName"}}
    app.properties(names.GUARDRAIL_STACK, "Alerts/Topic")["DisplayName"] = read


def resource_moved_to_an_ephemeral_stack(app: Application) -> None:
    moved = app.remove(names.ARTIFACT_STACK, "DatabaseLogs")
    del moved["DeletionPolicy"]
    app.resources(names.STORAGE_STACK)["DatabaseLogs561AB38E"] = moved
    app.paths[names.STORAGE_STACK]["DatabaseLogs561AB38E"] = f"{names.STORAGE_STACK}/DatabaseLogs/Resource"


def bucket_for_a_month(app: Application) -> None:
    closed = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
    app.add(names.COMPUTE_STACK, "Uploads", "AWS::S3::Bucket", {"PublicAccessBlockConfiguration": closed})


def group_description_changed(app: Application) -> None:
    """A changed description of a security group looks harmless, but replaces it."""
    app.properties(names.NETWORK_STACK, "SecurityGroups/Database")["GroupDescription"] = "Another text"


def _forget(app: Application, stack: str, text: str) -> None:
    outputs: dict[str, Any] = app.templates[stack]["Outputs"]
    for name in [name for name, output in outputs.items() if text in str(output)]:
        del outputs[name]
