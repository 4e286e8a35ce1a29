"""What the silence of a new resource means: of lists, and in stacks that stay or end with the month; short times."""

import time
from typing import Any, Final

import pytest

from ops.review.any_type import _ASSIGNED
from ops.review.cdk_diff import CdkDiff
from ops.review.comparing import compare
from ops.review.finding import Severity
from ops.review.new_values import NewValue
from ops.review.review import template_findings
from ops.review.value_rules import safeguards
from ops.templates.assembly import Assembly
from tests.support.review.application import Application

CLUSTER: Final = {"StorageEncrypted": True, "BackupRetentionPeriod": 14, "DeletionProtection": True}
AUDITED: Final = {"EnableCloudwatchLogsExports": ["profiler", "audit"]}
SCANNED: Final = {"Rules": [{"ScanFrequency": "SCAN_ON_PUSH", "RepositoryFilters": []}]}


def _rules(application: Application, dev: Assembly, cdk_diff: CdkDiff) -> set[str]:
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    return {it.rule for it in found if it.severity is Severity.RISK}


@pytest.mark.parametrize(
    ("kind", "properties", "rule"),
    [
        ("AWS::DocDB::DBCluster", CLUSTER, "logs-off"),
        ("AWS::DocDB::DBCluster", CLUSTER | {"EnableCloudwatchLogsExports": ["profiler"]}, "logs-off"),
        ("AWS::DocDB::DBCluster", CLUSTER | {"EnableCloudwatchLogsExports": []}, "logs-off"),
        ("AWS::DocDB::DBCluster", CLUSTER | AUDITED, ""),
        ("AWS::DocDB::DBCluster", CLUSTER | {"EnableCloudwatchLogsExports": {"Ref": "AWS::NoValue"}}, "logs-off"),
        ("AWS::DocDB::DBCluster", CLUSTER | {"EnableCloudwatchLogsExports": {"Fn::Split": [",", {"Ref": "P"}]}}, ""),
        ("AWS::ECR::RegistryScanningConfiguration", {"Rules": []}, "guard-off"),
        ("AWS::ECR::RegistryScanningConfiguration", SCANNED, ""),
        ("AWS::EKS::Cluster", {"Logging": {"ClusterLogging": {"EnabledTypes": [{"Type": "api"}]}}}, "logs-off"),
        ("AWS::EKS::Cluster", {"Logging": {"ClusterLogging": {"EnabledTypes": [{"Type": "audit"}]}}}, ""),
        ("AWS::EKS::Nodegroup", {"RemoteAccess": {"Ec2SshKey": "k"}}, "open-to-the-world"),
        (
            "AWS::AppSync::Resolver",
            {"CachingConfig": {"Ttl": 60, "CachingKeys": ["$context.args.id"]}},
            "answers-cached",
        ),
        ("AWS::AppSync::Resolver", {"CachingConfig": {"Ttl": 60, "CachingKeys": ["$context.identity.sub"]}}, ""),
    ],
)
def test_a_list_that_holds_nothing_of_what_is_asked_for(
    application: Application, dev: Assembly, cdk_diff: CdkDiff, kind: str, properties: dict[str, Any], rule: str
) -> None:
    application.add("ArtifactStack", "New", kind, properties)
    told = _rules(application, dev, cdk_diff) & {"logs-off", "guard-off", "open-to-the-world", "answers-cached"}
    assert told == ({rule} if rule else set())


@pytest.mark.parametrize(("stack", "counts"), [("ArtifactStack", True), ("ComputeStack", False)])
@pytest.mark.parametrize("said", [{"DeletionProtection": False}, {}])
def test_what_ends_with_the_month_need_not_be_protected(
    application: Application, dev: Assembly, cdk_diff: CdkDiff, stack: str, counts: bool, said: dict[str, Any]
) -> None:
    properties = {key: it for key, it in CLUSTER.items() if key != "DeletionProtection"} | AUDITED | said
    application.add(stack, "New", "AWS::DocDB::DBCluster", properties)
    assert ("protection-removed" in _rules(application, dev, cdk_diff)) is counts


def test_what_is_kept_longer_than_before_is_not_kept_briefly(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    """Three days are few, and more than one."""
    days = next(it for it in safeguards() if it.below == 7 and "BackupRetentionPeriod" in it.named)
    assert days.met_by(NewValue(("BackupRetentionPeriod",), 3))
    assert days.met_by(NewValue(("BackupRetentionPeriod",), 3, old=5))
    assert not days.met_by(NewValue(("BackupRetentionPeriod",), 3, old=1))
    database = application.properties("StorageStack", "Database/Instance")
    database["BackupRetentionPeriod"] = 5
    assert "kept-briefly" in _rules(application, dev, cdk_diff)


def test_a_text_of_many_dashes_or_lines_is_read_in_time() -> None:
    """A pull request brings texts of any length, and each is searched for commands."""
    started = time.process_time()
    for text in ("-" * 200_000, "\n" * 200_000, "--a" * 70_000):
        assert not _ASSIGNED.findall(text)
    assert time.process_time() - started < 10
