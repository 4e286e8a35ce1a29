"""Which operation's role and mode a stack keeps."""

from typing import Any

import pytest

from embedded_aws.cloudformation import emulator, operation_options
from embedded_aws.core.patching import Response

_PARAMETERS = {"StackName": ["ComputeStack"], "RoleARN": ["arn:aws:iam::000000000000:role/of-request"]}
_EXPRESS = _PARAMETERS | {"DeploymentConfig.Mode": ["EXPRESS"]}


def _ask(status: int) -> Any:
    def original(_params: object) -> Response:
        return status, {}, b""

    return original


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    record: dict[str, Any] = {"StackName": "ComputeStack"}
    monkeypatch.setattr(emulator, "stacks", {"ComputeStack": record})
    monkeypatch.setattr(emulator, "named_stack", lambda _: record)
    return record


@pytest.mark.parametrize(("status", "express"), [(200, True), (400, False)])
def test_a_refused_update_leaves_the_options_of_the_stack(stack: dict[str, Any], status: int, express: bool) -> None:
    operation_options._deploy(_ask(status), _EXPRESS)
    assert operation_options.is_express_deployment(stack) is express
    assert ("RoleARN" in stack) is express


def test_an_executed_change_set_brings_its_own_mode_and_not_the_newest_ones(
    stack: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = {"StackName": "ComputeStack", **operation_options._options(_EXPRESS)}
    monkeypatch.setattr(emulator, "named_change_set", lambda _: earlier)
    operation_options._deploy(_ask(200), _PARAMETERS)
    operation_options._execute(_ask(400), {"ChangeSetName": ["earlier"]})
    assert not operation_options.is_express_deployment(stack)
    operation_options._execute(_ask(200), {"ChangeSetName": ["earlier"]})
    assert operation_options.is_express_deployment(stack)
    assert stack["RoleARN"] == earlier["RoleARN"]
