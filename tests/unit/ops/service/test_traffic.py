import pytest

from installation.settings import Settings
from ops.service.traffic import describe_listeners, read_target_groups, shares_of
from tests.support.fake_running_system import FakeElb
from tests.support.fakes import FakeAccount

BLUE, GREEN = "nestjs-hannibal-3-blue", "nestjs-hannibal-3-green"


def forward(**weights: int) -> dict[str, object]:
    groups = [{"TargetGroupArn": f"nestjs-hannibal-3-{name}", "Weight": weight} for name, weight in weights.items()]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


def test_weights_are_shares_of_their_sum() -> None:
    assert shares_of([forward(blue=90, green=10)]) == {BLUE: 90.0, GREEN: 10.0}  # type: ignore[list-item]
    assert shares_of([forward(blue=1, green=0)]) == {BLUE: 100.0, GREEN: 0.0}  # type: ignore[list-item]
    assert shares_of([forward(blue=0)]) == {BLUE: 0.0}  # type: ignore[list-item]


def test_a_single_group_gets_all_and_other_actions_are_passed_over() -> None:
    assert shares_of([{"Type": "redirect"}, {"Type": "forward", "TargetGroupArn": BLUE}]) == {BLUE: 100.0}
    assert shares_of([{"Type": "fixed-response"}]) == {}


@pytest.mark.parametrize("order", [1, -1])
def test_the_test_listener_and_a_redirect_do_not_count(account: FakeAccount, settings: Settings, order: int) -> None:
    account.target_groups = {BLUE: [{"State": "healthy"}, {"State": "draining"}], GREEN: []}
    account.listeners = [
        {"ListenerArn": "test", "Port": settings.load_balancer.test_port, "DefaultActions": [forward(green=1)]},
        {"ListenerArn": "http", "Port": 80, "DefaultActions": [{"Type": "redirect"}]},
        {"ListenerArn": "https", "Port": 443, "DefaultActions": [forward(blue=95, green=5)]},
    ][::order]
    blue, green = read_target_groups(account.aws(settings))
    assert (blue.colour, blue.production_percent, blue.health) == ("blue", 95.0, {"healthy": 1, "draining": 1})
    assert (green.colour, green.production_percent, green.health) == ("green", 5.0, {})


@pytest.mark.parametrize(("forwards", "percent"), [(True, 100.0), (False, 0.0)])
@pytest.mark.parametrize("pattern", ["*", "/*"])
@pytest.mark.parametrize("order", [1, -1])
def test_behind_a_rule_for_all_paths_nothing_gets_traffic(
    account: FakeAccount,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    forwards: bool,
    percent: float,
    order: int,
    pattern: str,
) -> None:
    """As where the rule for CloudFront was deleted by hand: the default action still names the groups."""
    all_paths = {"Field": "path-pattern", "PathPatternConfig": {"Values": [pattern]}}
    rules = [
        {"Conditions": [{"Field": "http-header"}], "Actions": [forward(blue=1, green=0)]},
        {"Conditions": [all_paths], "Actions": [{"Type": "fixed-response"}]},
        {"IsDefault": True, "Conditions": [], "Actions": [forward(blue=1, green=0)]},
    ][0 if forwards else 1 :][::order]
    monkeypatch.setattr(FakeElb, "describe_rules", lambda *_, **__: {"Rules": rules})
    account.target_groups = {BLUE: [{"State": "healthy"}], GREEN: []}
    account.listeners = [{"ListenerArn": "http", "Port": 80, "DefaultActions": [forward(blue=1, green=0)]}]
    assert [it.production_percent for it in read_target_groups(account.aws(settings))] == [percent, 0.0]


def test_rules_are_told_in_the_order_in_which_they_are_tried(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = [{"Priority": priority} for priority in ("default", "20", "10", "3")]
    monkeypatch.setattr(FakeElb, "describe_rules", lambda *_, **__: {"Rules": rules})
    account.listeners = [{"ListenerArn": "http", "Port": 80}]
    ((_, found),) = describe_listeners(account.aws(settings), {"LoadBalancerArn": "lb"})
    assert [it.get("Priority") for it in found] == ["3", "10", "20", "default"]


def test_why_targets_are_unhealthy_is_said_once(account: FakeAccount, settings: Settings) -> None:
    state = {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"}
    account.target_groups = {BLUE: [state, state], GREEN: []}
    blue, _ = read_target_groups(account.aws(settings))
    assert blue.reasons == ("Target.Timeout: Request timed out",)


def test_no_load_balancer_no_groups(account: FakeAccount, settings: Settings) -> None:
    assert read_target_groups(account.aws(settings)) == ()
