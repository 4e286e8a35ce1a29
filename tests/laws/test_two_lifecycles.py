"""Laws 1 and 2: what outlives the month never depends on what does not, and is never in it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sns as sns

from constructs_lib.stack import HannibalStack
from installation import names
from installation.settings import Settings
from ops.templates.schemas import schema
from tests.conftest import VARIANTS, Template, new_app, settings_of

Templates = Callable[[str], dict[str, Template]]


class Persistent(HannibalStack):
    lifecycle = "persistent"
    purpose = "kept"


class Ephemeral(HannibalStack):
    lifecycle = "ephemeral"
    purpose = "destroyed"


def stacks(settings: Settings) -> tuple[cdk.App, Persistent, Ephemeral]:
    app = new_app()
    return (
        app,
        Persistent(app, "KeptStack", settings=settings),
        Ephemeral(app, "MonthStack", settings=settings),
    )


def manifest(folder: Path) -> dict[str, Any]:
    artifacts: dict[str, Any] = json.loads((folder / "manifest.json").read_text())["artifacts"]
    return {name: it for name, it in artifacts.items() if it["type"] == "aws:cloudformation:stack"}


def test_a_reference_from_a_persistent_to_an_ephemeral_stack_fails_and_names_both(settings: Settings) -> None:
    app, kept, month = stacks(settings)
    topic = sns.Topic(month, "Topic")
    cdk.CfnOutput(kept, "TopicName", value=topic.topic_name)
    with pytest.raises(RuntimeError) as failure:
        app.synth()
    message = str(failure.value)
    assert "the persistent KeptStack must not depend on the ephemeral MonthStack" in message
    assert "KeptStack/TopicName -> MonthStack." in message


def test_a_reference_deep_in_a_resource_is_named(settings: Settings) -> None:
    app, kept, month = stacks(settings)
    topic = sns.Topic(month, "Topic")
    sns.Topic(kept, "Copy", display_name=f"copy of {topic.topic_name}")
    with pytest.raises(RuntimeError, match=r"KeptStack/Copy/Resource -> MonthStack\..*Topic"):
        app.synth()


def test_a_dependency_that_was_added_by_hand_fails_too(settings: Settings) -> None:
    app, kept, month = stacks(settings)
    kept.add_stack_dependency(month)
    with pytest.raises(RuntimeError, match=r"KeptStack must not depend on .* MonthStack.* added by hand"):
        app.synth()


def test_a_dependency_between_constructs_fails_too(settings: Settings) -> None:
    app, kept, month = stacks(settings)
    sns.Topic(kept, "Topic").node.add_dependency(sns.Topic(month, "Topic"))
    with pytest.raises(RuntimeError, match="the persistent KeptStack must not depend on the ephemeral MonthStack"):
        app.synth()


def test_the_other_way_round_is_what_references_are_for(settings: Settings) -> None:
    app, kept, month = stacks(settings)
    sns.Topic(month, "Copy", display_name=f"copy of {sns.Topic(kept, 'Topic').topic_name}")
    app.synth()


@pytest.mark.parametrize("environment", VARIANTS)
def test_every_stack_says_its_lifecycle(assembly: Callable[[str], Path], environment: str) -> None:
    found = manifest(assembly(environment))
    assert set(found) == set(names.ALL_STACKS)
    for name, artifact in found.items():
        persistent = name in settings_of(environment).lifecycles.persistent
        assert artifact["properties"]["tags"]["Lifecycle"] == ("persistent" if persistent else "ephemeral"), name
        assert artifact["properties"].get("terminationProtection", False) is persistent, name


@pytest.mark.parametrize("environment", VARIANTS)
def test_no_persistent_stack_depends_on_an_ephemeral_one(assembly: Callable[[str], Path], environment: str) -> None:
    stacks = manifest(assembly(environment))
    lifecycles = settings_of(environment).lifecycles
    for name in lifecycles.persistent:
        assert not set(stacks[name]["dependencies"]) & set(lifecycles.ephemeral), name


@pytest.mark.parametrize("environment", VARIANTS)
def test_stacks_are_deployed_in_the_order_that_names_gives(assembly: Callable[[str], Path], environment: str) -> None:
    order = settings_of(environment).lifecycles.all
    for name, artifact in manifest(assembly(environment)).items():
        for other in set(artifact["dependencies"]) & set(names.ALL_STACKS):
            assert order.index(other) < order.index(name), f"{name} before {other}"


KEPT_TYPES = {
    "AWS::ECR::Repository",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SNS::Subscription",
    "AWS::SSM::Parameter",
    "AWS::CloudTrail::Trail",
    "AWS::KMS::Key",
    "Custom::InitialParameter",
}
# Deleting these starts a grace period in which the name is taken.
GRACE_PERIOD = {"AWS::SecretsManager::Secret": "Name", "AWS::KMS::Alias": "AliasName"}


@pytest.mark.parametrize("environment", VARIANTS)
def test_nothing_that_must_outlive_the_month_is_ephemeral(templates: Templates, environment: str) -> None:
    seen = set()
    for stack in settings_of(environment).lifecycles.ephemeral:
        for logical_id, resource in templates(environment)[stack]["Resources"].items():
            properties = resource.get("Properties", {})
            where = f"{stack}.{logical_id}"
            # A person confirms a subscription; a function of the month needs no confirmation.
            assert resource["Type"] not in KEPT_TYPES or properties.get("Protocol") == "lambda", where
            seen.add(resource["Type"])
            if resource["Type"] in GRACE_PERIOD:
                assert GRACE_PERIOD[resource["Type"]] not in properties, f"{where}: next month would collide with it"
    assert seen >= {"AWS::Lambda::Function", "AWS::SecretsManager::Secret"}  # what was looked at is there


@pytest.mark.parametrize("environment", VARIANTS)
def test_the_database_leaves_a_snapshot_however_it_goes(templates: Templates, environment: str) -> None:
    resources = templates(environment)[names.STORAGE_STACK]["Resources"].values()
    (database,) = [resource for resource in resources if resource["Type"] == "AWS::RDS::DBInstance"]
    assert database["DeletionPolicy"] == database["UpdateReplacePolicy"] == "Snapshot"


@pytest.mark.parametrize("environment", VARIANTS)
def test_what_holds_data_in_a_persistent_stack_is_retained(templates: Templates, environment: str) -> None:
    types = {"AWS::S3::Bucket", "AWS::ECR::Repository", "AWS::SecretsManager::Secret"}
    seen = set()
    for stack in settings_of(environment).lifecycles.persistent:
        for logical_id, resource in templates(environment)[stack]["Resources"].items():
            # Its value is nobody's data: the next deployment makes another one.
            if resource["Type"] in types and not logical_id.startswith("OriginHeader"):
                seen.add(resource["Type"])
                assert resource["DeletionPolicy"] in {"Retain", "RetainExceptOnCreate"}, f"{stack}.{logical_id}"
                assert resource["UpdateReplacePolicy"] == "Retain", f"{stack}.{logical_id}"
    assert seen == types


@pytest.mark.parametrize("environment", VARIANTS)
def test_a_failed_first_deployment_leaves_only_what_the_trail_recorded(templates: Templates, environment: str) -> None:
    retained = [
        (stack, resource["Type"])
        for stack in settings_of(environment).lifecycles.persistent
        for resource in templates(environment)[stack]["Resources"].values()
        if resource.get("DeletionPolicy") == "Retain"
    ]
    # The trail itself is made last, so that it is there only if nothing else failed.
    evidence = ["AWS::CloudTrail::Trail", "AWS::Logs::LogGroup", "AWS::S3::Bucket"]
    recorded = [(names.AUDIT_STACK, kind) for kind in evidence]
    assert sorted(retained) == (recorded if settings_of(environment).audit.create_trail else [])


def tag_property(resource_type: str) -> str | None:
    """The property that takes the tags of a type, by its schema; None where it takes none."""
    type_schema = schema(resource_type, "ap-northeast-1")
    if type_schema is None:
        return None
    tagging = type_schema.content.get("tagging")
    own = tagging if isinstance(tagging, dict) else {}
    name = str(own.get("tagProperty", "/properties/Tags")).rpartition("/")[2]
    return name if own.get("taggable", True) and name in type_schema.properties else None


@pytest.mark.parametrize("environment", VARIANTS)
def test_everything_that_takes_tags_carries_the_four(templates: Templates, environment: str) -> None:
    tagged = set()
    for stack, template in templates(environment).items():
        for logical_id, resource in template["Resources"].items():
            name = tag_property(resource["Type"])
            if name is None:
                continue
            tagged.add(resource["Type"])
            tags = resource.get("Properties", {}).get(name, [])
            keys = set(tags) if isinstance(tags, dict) else {tag["Key"] for tag in tags}
            assert keys >= {"Project", "Environment", "Lifecycle", "ManagedBy"}, f"{stack}.{logical_id}"
    assert len(tagged) >= 30
