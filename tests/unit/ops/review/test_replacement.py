"""Two sources say what a change replaces: CDK's diff and the resource schemas. They are compared over many types."""

from typing import Any, Final

import pytest

from ops.review.cdk_diff import CdkDiff
from ops.review.changes import Sides, changes_of
from ops.templates.assembly import Assembly
from ops.templates.schemas import Replacement, Schema, resource_types, schema
from ops.templates.values import Map

REGION: Final = "ap-northeast-1"
# All types of this application's templates, and all of the services around it.
SERVICES: Final = (
    "ApplicationAutoScaling",
    "Athena",
    "Budgets",
    "CE",
    "CloudFront",
    "CloudTrail",
    "CloudWatch",
    "CodeDeploy",
    "DynamoDB",
    "EC2",
    "ECR",
    "ECS",
    "EFS",
    "ElasticLoadBalancingV2",
    "Events",
    "Glue",
    "IAM",
    "KMS",
    "Lambda",
    "Logs",
    "RDS",
    "Route53",
    "S3",
    "SNS",
    "SQS",
    "SSM",
    "SecretsManager",
)
Both = dict[tuple[str, str], tuple[Replacement, Replacement]]


def types() -> list[str]:
    return [it for it in resource_types(REGION) if it.split("::")[1] in SERVICES]


def one_property_each(wanted: list[tuple[str, str]], value: str) -> Map:
    resources: Map = {f"R{n}": {"Type": kind, "Properties": {name: value}} for n, (kind, name) in enumerate(wanted)}
    return {"Resources": resources}


def cdk_diff_says(cdk_diff: CdkDiff, kinds: list[str]) -> dict[tuple[str, str], Replacement]:
    """What CDK's diff says about the change of each property of each type, in one question."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for number, kind in enumerate(kinds):
        found = schema(kind, REGION)
        assert found is not None
        before[f"R{number}"] = {"Type": kind, "Properties": dict.fromkeys(found.properties, "before")}
        after[f"R{number}"] = {"Type": kind, "Properties": dict.fromkeys(found.properties, "after")}
    answer = cdk_diff.compare({"S": ({"Resources": before}, {"Resources": after})})["S"].resources
    return {
        (kind, name): answer[f"R{number}"].replacement(name)
        for number, kind in enumerate(kinds)
        for name in before[f"R{number}"]["Properties"]
    }


@pytest.fixture(scope="module")
def both(cdk_diff: CdkDiff) -> Both:
    said = cdk_diff_says(cdk_diff, types())
    found: Both = {}
    for (kind, name), by_diff in said.items():
        its_schema = schema(kind, REGION)
        assert its_schema is not None
        found[(kind, name)] = (by_diff, its_schema.replacement(name, "before", "after"))
    return found


def test_the_sources_agree_on_nearly_everything(both: Both) -> None:
    differing = {key: pair for key, pair in both.items() if pair[0] != pair[1]}
    assert len({kind for kind, _ in both}) >= 300
    assert len(both) >= 3000
    # Both are made from the same registry at different times; more would mean that one is read wrongly.
    assert len(differing) / len(both) < 0.05, sorted(differing.items())[:40]


def test_each_source_knows_what_the_other_one_does_not(both: Both) -> None:
    """The reason for asking two."""
    assert any(by_diff > by_schema for by_diff, by_schema in both.values())
    assert any(by_schema > by_diff for by_diff, by_schema in both.values())


def test_where_they_differ_the_stricter_counts_and_the_report_says_why(
    both: Both, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    facts = {"AWS::ECS::TaskDefinition", "AWS::RDS::DBInstance"}
    differing = {key: pair for key, pair in both.items() if pair[0] != pair[1] and key[0] not in facts}
    stack = next(iter(dev.stacks.values()))
    before, after = (one_property_each(list(differing), value) for value in ("before", "after"))
    sides = Sides(name="S", base=stack, head=stack, base_template=before, head_template=after)
    changes = changes_of(sides, cdk_diff.compare({"S": (before, after)})["S"], REGION)
    assert len(changes) == len(differing)
    for change in changes:
        (changed,) = change.properties
        pair = differing[(change.type, changed.name)]
        assert (changed.cdk_diff, changed.schema) == pair
        assert change.replacement == changed.replacement == max(pair)
        assert "cloudformation-diff says" in changed.why
        assert "the stricter counts" in changed.why


def test_schemas_are_read_as_cfn_lint_reads_them() -> None:
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # a second, which not every process shall take

    for kind in types():
        theirs = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
        ours = schema(kind, REGION)
        assert ours is not None
        assert ours.content.get("createOnlyProperties") == theirs.get("createOnlyProperties"), kind
        assert ours.content.get("conditionalCreateOnlyProperties") == theirs.get("conditionalCreateOnlyProperties")


def test_every_type_of_the_application_has_a_schema(dev: Assembly) -> None:
    kinds = {str(it["Type"]) for stack in dev.stacks.values() for it in stack.resources.values()}
    assert len(kinds) > 30
    assert not [kind for kind in kinds if not kind.startswith("Custom::") and schema(kind, REGION) is None]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("AWS::S3::Bucket", ("BucketName",)),
        ("AWS::RDS::DBInstance", ("DBInstanceIdentifier",)),
        ("AWS::ElasticLoadBalancingV2::TargetGroup", ("Name",)),
        ("AWS::EC2::SecurityGroup", ("GroupName",)),
        ("AWS::IAM::Role", ("RoleName",)),
        ("AWS::EC2::VPC", ()),
        ("AWS::EC2::VPCCidrBlock", ()),
        ("AWS::ECS::Service", ("ServiceName", "Cluster")),
        ("AWS::Lambda::Permission", ()),
        ("AWS::WAFv2::WebACL", ("Name", "Scope")),
    ],
)
def test_the_name_that_a_resource_cannot_share_is_known(kind: str, names: tuple[str, ...]) -> None:
    found = schema(kind, REGION)
    assert found is not None
    assert found.name_properties == names


def test_a_path_into_a_property_counts_only_when_what_stands_there_changes() -> None:
    old: Map = {"Kept": 1, "Other": 1}
    new: Map = {"Kept": 1, "Other": 2}
    made = Schema({"createOnlyProperties": ["/properties/Whole/Kept"]})
    assert made.replacement("Whole", old, new) is Replacement.NO
    assert made.replacement("Whole", old, {"Kept": 2}) is Replacement.WILL
    assert made.replacement("Whole", old, {"Ref": "Hidden"}) is Replacement.WILL
