"""What a template would do to the running service."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from installation.settings import Settings
from ops.errors import UnusableInputError
from ops.month.preflight import check_deployment, colour_of_template, frozen_changes, needs_templates
from ops.templates.template import Template
from tests.support.fakes import FakeAccount
from tests.support.running_account import running
from tests.support.synthesis import changed as with_settings
from tests.support.zone import with_zone

LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
LIVE: dict[str, Any] = {
    "Resources": {
        "Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Scheme": "internet-facing"}},
        "Blue": {
            "Type": GROUP,
            "Properties": {"Name": "nestjs-hannibal-3-blue", "Port": 3000, "HealthCheckPath": "/h"},
        },
        "Green": {"Type": GROUP, "Properties": {"Name": "nestjs-hannibal-3-green", "Port": 3000}},
        "Production": {
            "Type": LISTENER,
            "Properties": {"Port": 80, "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Blue"}}]},
        },
        "Refusing": {"Type": RULE, "Properties": {"Priority": 20, "Actions": [{"Type": "fixed-response"}]}},
        "Service": {"Type": "AWS::ECS::Service", "Properties": {"DesiredCount": 1}},
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Threshold": 1}},
    }
}
REGION = "ap-northeast-1"
Change = Callable[[dict[str, Any]], Any]


def template(content: dict[str, Any]) -> Template:
    return Template("ComputeStack", content)


def changed(change: Change) -> dict[str, Any]:
    template = copy.deepcopy(LIVE)
    change(template["Resources"])
    return template


def setting(resource: str, **properties: Any) -> Change:
    return lambda resources: resources[resource]["Properties"].update(properties)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (setting("Service", DesiredCount=2), "Service Service is changed (DesiredCount)"),
        (setting("Blue", Port=4000), "TargetGroup Blue is replaced (Port)"),
        (setting("Blue", HealthCheckPath="/x"), "TargetGroup Blue is changed (HealthCheckPath)"),
        (setting("Production", Port=81), "Listener Production is changed (Port)"),
        (setting("Production", LoadBalancerArn="other"), "Listener Production is replaced (LoadBalancerArn)"),
        (lambda resources: resources.pop("Production"), "Listener Production is removed"),
        (setting("Balancer", Scheme="internal"), "LoadBalancer Balancer is replaced (Scheme)"),
        (lambda resources: resources.update(New={"Type": LISTENER, "Properties": {}}), "Listener New is added"),
    ],
)
def test_what_belongs_to_code_deploy_is_seen(change: Change, text: str) -> None:
    assert [found.text for found in frozen_changes(template(LIVE), template(changed(change)), REGION)] == [text]


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        setting("Alarm", Threshold=5),
        setting("Balancer", Tags=[]),
        setting("Balancer", IpAddressType="dualstack"),
        setting("Green", Port="3000"),  # another form of the same value
        lambda resources: resources["Service"].update(DependsOn=["Alarm"]),
    ],
)
def test_everything_else_may_change(change: Change) -> None:
    assert list(frozen_changes(template(LIVE), template(changed(change)), REGION)) == []


def test_the_colour_of_a_template_is_its_production_listeners(settings: Settings) -> None:
    green = changed(setting("Production", DefaultActions=[{"Type": "forward", "TargetGroupArn": {"Ref": "Green"}}]))
    both = {"Type": "forward", "ForwardConfig": {"TargetGroups": [weighted("Blue", 0), weighted("Green", 100)]}}
    weights = changed(setting("Production", DefaultActions=[both]))
    found = [colour_of_template(template(it), settings) for it in (LIVE, green, weights)]
    assert found == ["blue", "green", "green"]


def weighted(group: str, weight: int) -> dict[str, Any]:
    return {"TargetGroupArn": {"Ref": group}, "Weight": weight}


@pytest.fixture
def month(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> FakeAccount:
    running(account)
    account.templates["ComputeStack"] = LIVE
    monkeypatch.setattr("ops.month.preflight.unrecorded_image", lambda *_: None)
    monkeypatch.setattr("ops.month.preflight.running_image", lambda *_: "repo/api:1")
    return account


def look(month: FakeAccount, settings: Settings, folder: Path, change: Change) -> Any:
    (folder / "ComputeStack.template.json").write_text(json.dumps(changed(change)))
    return check_deployment(month.aws(settings), folder)


def serve_green(month: FakeAccount) -> None:
    month.listeners[0]["DefaultActions"][0]["TargetGroupArn"] = "nestjs-hannibal-3-green"


def test_with_production_where_the_template_says_a_listener_may_change(
    month: FakeAccount, settings: Settings, tmp_path: Path
) -> None:
    found = look(month, settings, tmp_path, setting("Production", SslPolicy="new"))
    assert found.refusals == ()
    assert any("so it stays there" in note for note in found.notes)


def test_with_production_on_green_a_listener_may_not_change(
    month: FakeAccount, settings: Settings, tmp_path: Path
) -> None:
    serve_green(month)
    (rule,) = look(month, settings, tmp_path, setting("Refusing", Priority=30)).refusals
    assert "ListenerRule Refusing is changed (Priority): CloudFormation would send production back to blue" in rule
    (refusal,) = look(month, settings, tmp_path, setting("Production", SslPolicy="new")).refusals
    assert "would send production back to blue" in refusal
    assert "hannibal release --image repo/api:1 --again" in refusal


def test_a_load_balancer_beside_the_database_is_looked_at_too(
    month: FakeAccount, settings: Settings, tmp_path: Path
) -> None:
    beside = {key: LIVE["Resources"][key] for key in ("Production", "Blue")}
    month.templates["StorageStack"] = {"Resources": beside}
    new = copy.deepcopy(month.templates["StorageStack"])
    new["Resources"]["Production"]["Properties"]["SslPolicy"] = "new"
    (tmp_path / "StorageStack.template.json").write_text(json.dumps(new))
    serve_green(month)
    (refusal,) = look(month, with_zone(settings), tmp_path, lambda _: None).refusals
    assert "Listener Production is changed (SslPolicy)" in refusal


@pytest.mark.parametrize(
    ("status", "size", "refused"),
    [("stopped", "20", False), ("stopped", "30", True), ("stopping", "30", True), ("available", "30", False)],
)
def test_a_database_that_is_stopped_stays_as_it_is(
    month: FakeAccount, settings: Settings, tmp_path: Path, status: str, size: str, refused: bool
) -> None:
    """RDS changes none, and puts none back either."""
    database = {"Type": "AWS::RDS::DBInstance", "Properties": {"AllocatedStorage": "20"}}
    month.templates["StorageStack"] = {"Resources": {"Database": database}}
    wanted = {"Database": database | {"Properties": {"AllocatedStorage": size}}}
    wanted["Database"] |= {"Metadata": {"aws:cdk:path": size}, "DeletionPolicy": "Snapshot"}  # no matter of RDS's
    (tmp_path / "StorageStack.template.json").write_text(json.dumps({"Resources": wanted}))
    month.database = {"DBInstanceStatus": status}
    found = look(month, settings, tmp_path, lambda _: None).refusals
    assert ["`hannibal resume`" in refusal for refusal in found] == [True] * refused


@pytest.mark.parametrize(
    "change",
    [
        setting("Service", DesiredCount=2),
        setting("Blue", Port=4000),
        lambda each: each.pop("Green"),
        lambda each: each.pop("Refusing"),
        lambda each: each.update(Opening={"Type": RULE, "Properties": {"Priority": 5}}),
    ],
)
def test_what_cannot_be_changed_within_a_month_waits_for_the_next(
    month: FakeAccount, settings: Settings, tmp_path: Path, change: Change
) -> None:
    (refusal,) = look(month, settings, tmp_path, change).refusals
    assert "hannibal stop" in refusal


def test_nothing_changes_under_a_running_release(month: FakeAccount, settings: Settings, tmp_path: Path) -> None:
    month.deployments["d-1"] = "InProgress"
    assert look(month, settings, tmp_path, lambda _: None).refusals == ()
    (refusal,) = look(month, settings, tmp_path, setting("Alarm", Threshold=5)).refusals
    assert "a release is running (d-1 is InProgress)" in refusal


def test_words_of_another_script_are_no_change(month: FakeAccount, settings: Settings, tmp_path: Path) -> None:
    """GetTemplate answers with question marks in their place."""
    month.deployments["d-1"] = "InProgress"
    month.templates["ComputeStack"] = changed(setting("Service", Tags=[{"Key": "Name", "Value": "??"}]))
    named = setting("Service", Tags=[{"Key": "Name", "Value": "商店"}])
    assert look(month, settings, tmp_path, named).refusals == ()


@pytest.mark.parametrize(
    ("status", "needed"),
    [
        (None, False),
        ("CREATE_COMPLETE", True),
        ("UPDATE_ROLLBACK_COMPLETE", True),
        ("ROLLBACK_COMPLETE", False),
        ("DELETE_IN_PROGRESS", False),
    ],
)
def test_only_a_running_month_can_be_disturbed(account: FakeAccount, status: str | None, needed: bool) -> None:
    if status:
        account.add_stack("ComputeStack", status)
    assert needs_templates(account.aws()) is needed


@pytest.mark.parametrize("running_month", [True, False])
def test_a_secret_that_nobody_has_set_stands_in_the_way(
    month: FakeAccount, account: FakeAccount, settings: Settings, tmp_path: Path, running_month: bool
) -> None:
    naming = with_settings(settings, service={"secrets": {"JWT_SECRET": {"kept": "jwt"}}})
    found = (
        look(month, naming, tmp_path, lambda _: None) if running_month else check_deployment(account.aws(naming), None)
    )
    assert ["`hannibal secrets set jwt`" in refusal for refusal in found.refusals] == [True]


@pytest.mark.parametrize(
    ("stack", "status", "advice"),
    [
        ("ComputeStack", "UPDATE_ROLLBACK_FAILED", "npx cdk rollback ComputeStack"),
        ("ComputeStack", "UPDATE_FAILED", "npx cdk rollback ComputeStack"),
        ("StorageStack", "DELETE_FAILED", "hannibal stop"),
        ("NetworkStack", "UPDATE_ROLLBACK_FAILED", "npx cdk rollback NetworkStack"),
    ],
)
@pytest.mark.parametrize("running_month", [True, False])
def test_a_stack_that_cannot_be_deployed_stands_in_the_way(
    month: FakeAccount, settings: Settings, tmp_path: Path, stack: str, status: str, advice: str, running_month: bool
) -> None:
    month.add_stack(stack, status)
    found = look(month, settings, tmp_path, lambda _: None) if running_month else check_deployment(month.aws(), None)
    assert [advice in refusal for refusal in found.refusals] == [True]


@pytest.mark.parametrize("body", ["Resources: {}", "[]", {"Resources": {"A": {}}}])
def test_a_deployed_template_that_cannot_be_read_is_named(
    month: FakeAccount, settings: Settings, tmp_path: Path, body: Any
) -> None:
    month.templates["ComputeStack"] = body
    with pytest.raises(UnusableInputError, match="ComputeStack") as refused:
        look(month, settings, tmp_path, lambda _: None)
    assert refused.value.advice == ()  # no synthesis changes what is deployed
