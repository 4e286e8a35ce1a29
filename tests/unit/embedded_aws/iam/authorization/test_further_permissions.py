"""What a refusal of a call names, where another permission than the call's own is missing."""

from types import SimpleNamespace
from typing import Any

from embedded_aws.iam.authorization import further_permissions
from embedded_aws.iam.authorization.resources import further_resources


def test_a_refusal_names_the_resource_that_was_refused() -> None:
    def enforce(_key: str, _action: str, _service: str, _region: str, resource_arn: str) -> Any:
        return SimpleNamespace(decision="ImplicitDeny") if resource_arn.endswith("b") else None

    def respond(_service: str, action: str, *_: Any, resource_arn: str) -> tuple[str, str]:
        return action, resource_arn

    action, first = "logs:DescribeLogStreams", "arn:aws:logs:r:1:log-group:a"
    further_resources.set(("arn:aws:logs:r:1:log-group:b",))
    try:
        assert further_permissions._check_further(enforce, "key", action, "logs", "r", resource_arn=first) is not None
        assert further_permissions._name_refused_permission(respond, "logs", action, resource_arn=first) == (
            action,
            "arn:aws:logs:r:1:log-group:b",
        )
    finally:
        further_resources.set(())
        further_permissions._refused.set(None)
