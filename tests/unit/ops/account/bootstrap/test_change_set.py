"""What CloudFormation is asked for, and when the template that it holds is the local one."""

from types import SimpleNamespace
from typing import Any

import pytest

from ops.account.bootstrap.change_set import StackDeployment, same_template
from ops.account.bootstrap.desired_stacks import DesiredStack
from tests.support.aws import aws_of


@pytest.mark.parametrize(
    ("held", "local", "same"),
    [
        ({"A": 1}, '{"A": 1}', True),
        ('{"A": 1}', '{"A": 1}', True),
        ("A: 1", "A: 1 # said twice", True),
        ({"A": 2}, '{"A": 1}', False),
        ("A: 2", "A: 1", False),
        # What GetTemplate makes of other letters than ASCII's (aws-cdk #10523).
        ({"A": "?? 1 ?"}, '{"A": "直近 1 🤦"}', True),
        ("A: ??", "A: 直近", True),
        ({"A": "??? 1 ?"}, '{"A": "直近 1 🤦"}', False),
        ({"A": "?"}, '{"A": "a"}', False),
    ],
)
def test_templates_are_compared_by_what_they_say(held: object, local: str, same: bool) -> None:
    assert same_template(held, local) is same


@pytest.mark.parametrize(
    ("status", "keeps", "kind", "takes_over"),
    [
        (None, True, "CREATE", True),
        ("REVIEW_IN_PROGRESS", True, "CREATE", True),
        (None, False, "CREATE", False),
        ("CREATE_COMPLETE", True, "UPDATE", False),
    ],
)
def test_only_a_creation_takes_over_what_is_there(
    monkeypatch: pytest.MonkeyPatch, status: str | None, kind: str, *, keeps: bool, takes_over: bool
) -> None:
    asked: dict[str, Any] = {}

    def create_change_set(**request: Any) -> dict[str, str]:
        asked.update(request)
        return {"Id": "arn"}

    cloudformation = SimpleNamespace(
        describe_stacks=lambda **_: {"Stacks": [{}]},
        create_change_set=create_change_set,
        describe_change_set=lambda **_: {"Status": "FAILED", "StatusReason": "it didn't contain changes"},
        delete_change_set=lambda **_: {},
    )
    stack = None if status is None else SimpleNamespace(status=status, protected=True, parameters={})
    monkeypatch.setattr("ops.account.bootstrap.change_set.read_stack", lambda *_: stack)
    monkeypatch.setattr("ops.account.bootstrap.change_set.StackWatcher", lambda *_: None)
    monkeypatch.setattr("ops.account.bootstrap.change_set.wait_until_stable", lambda *_: None)
    deployment = StackDeployment(aws_of(cloudformation=cloudformation), "bucket", SimpleNamespace())  # type: ignore[arg-type]
    deployment.deploy(DesiredStack(name="AuditStack", template="{}", keeps=keeps))
    assert (asked["ChangeSetType"], asked["ImportExistingResources"]) == (kind, takes_over)
