"""Permission to change DNS records: given where settings name a zone, for its names and for addresses only."""

from dataclasses import replace

from installation.permissions.execution_policies import EXECUTION_POLICIES
from installation.permissions.roles import (
    CICD_TASKS,
    DEVELOPER_TASKS,
    PLAN_TASKS,
    cicd_boundary,
    deploy_boundary,
    ecs_boundary,
)
from installation.permissions.statements import HostedZone, Statement
from tests.support.policies import allowing, arns, size

_ZONE = "arn:aws:route53:::hostedzone/Z0123456789"
_ORIGIN = "origin.app.example.com"
_WITH = replace(arns(), hosted_zone=HostedZone(id="Z0123456789", names=("app.example.com", _ORIGIN), certified=_ORIGIN))
_CHANGE = "route53:ChangeResourceRecordSets"


def _all(given: object = None) -> list[Statement]:
    where = given if given is not None else arns()
    tasks = [task for role in (CICD_TASKS, PLAN_TASKS, DEVELOPER_TASKS) for task in role]
    policies = [policy.statements for policy in EXECUTION_POLICIES]
    return [statement for one in (*tasks, *policies, cicd_boundary, ecs_boundary) for statement in one(where)]  # type: ignore[arg-type]


def test_without_a_zone_nobody_may_change_any_record() -> None:
    assert not [statement for statement in _all() for action in statement.actions if action.startswith("route53:")]


def test_cloudformation_may_change_addresses_of_the_domain_in_its_zone() -> None:
    granted = [statement for policy in EXECUTION_POLICIES for statement in policy.statements(_WITH)]
    statement, proof = allowing(granted, _CHANGE, _ZONE)
    assert statement.conditions["ForAllValues:StringEquals"] == {
        f"{_CHANGE}NormalizedRecordNames": ["app.example.com", _ORIGIN],
        f"{_CHANGE}RecordTypes": ["A", "AAAA"],
    }
    # What AWS sees before it certifies the origin's name, and no other: not the domain, whose zone it may be.
    assert proof.conditions["ForAllValues:StringLike"] == {f"{_CHANGE}NormalizedRecordNames": f"_*.{_ORIGIN}"}
    assert proof.conditions["ForAllValues:StringEquals"] == {f"{_CHANGE}RecordTypes": "CNAME"}
    # ForAllValues alone approves of a request without the keys.
    for one in (statement, proof):
        assert set(one.conditions["Null"].values()) == {"false"}
        assert one.conditions["Null"].keys() == {f"{_CHANGE}NormalizedRecordNames", f"{_CHANGE}RecordTypes"}
    for boundary, types in ((cicd_boundary, "A*"), (deploy_boundary, ["A*", "CNAME"])):
        (ceiling,) = allowing(boundary(_WITH), _CHANGE, _ZONE)
        assert ceiling.conditions == {"ForAllValues:StringLike": {f"{_CHANGE}RecordTypes": types}}
    for statements in (granted, cicd_boundary(_WITH)):
        assert not allowing(statements, _CHANGE, "arn:aws:route53:::hostedzone/Z9999999999")
        for action in ("route53:GetHostedZone", "route53:ListResourceRecordSets"):
            assert allowing(statements, action, _ZONE)
        assert allowing(statements, "route53:GetChange", "arn:aws:route53:::change/C1")


def test_people_and_workflows_may_only_look() -> None:
    workflows = [statement for task in CICD_TASKS for statement in task(_WITH)]
    assert allowing(workflows, "route53:GetHostedZone", _ZONE)
    for role in (CICD_TASKS, PLAN_TASKS, DEVELOPER_TASKS):
        assert not allowing([statement for task in role for statement in task(_WITH)], _CHANGE, _ZONE)


def test_the_policies_stay_within_iams_limits() -> None:
    zone = HostedZone(id="Z0123456789ABCDEFGHIJ", names=("app.example.com", _ORIGIN), certified=_ORIGIN)
    longest = replace(arns("a-project-of-26-characters", "ap-southeast-99"), hosted_zone=zone)
    for policy in EXECUTION_POLICIES:
        assert size(policy.statements(longest)) <= 6144
    assert size(cicd_boundary(longest), sids=False) <= 6144
    for boundary in (deploy_boundary, ecs_boundary):
        assert size(boundary(longest), sids=False) <= 6144
