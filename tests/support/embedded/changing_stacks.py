"""Stacks that a test creates and changes; all are deleted at its end."""

import json
from typing import Any

import boto3

from tests.support.embedded import stacks
from tests.support.embedded.stacks import Outcome

Resources = dict[str, dict[str, Any]]


class Stacks:
    """Creates and updates stacks of resources, and returns why one failed."""

    def __init__(self, session: boto3.Session) -> None:
        self._client = session.client("cloudformation")
        self._made: list[str] = []

    def _create(self, resources: Resources, outputs: dict[str, Any] | None = None) -> Outcome:
        written = {key: {"Value": value} for key, value in (outputs or {}).items()}
        more: dict[str, Any] = {"Outputs": written} if written else {}
        outcome = stacks.create(self._client, resources, **more)
        self._made.append(outcome.stack_id)
        return outcome

    def create(self, resources: Resources, outputs: dict[str, Any] | None = None) -> str:
        outcome = self._create(resources, outputs)
        assert outcome.status == "CREATE_COMPLETE", outcome.reasons
        return outcome.stack_id

    def update(self, stack_id: str, resources: Resources) -> None:
        body = json.dumps({"Resources": resources})
        self._client.update_stack(StackName=stack_id, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"])
        outcome = stacks.wait(self._client, stack_id)
        assert outcome.status == "UPDATE_COMPLETE", outcome.reasons

    def delete(self, stack_id: str) -> None:
        outcome = stacks.delete(self._client, stack_id)
        assert outcome.status == "DELETE_COMPLETE", outcome.reasons

    def failure(self, resources: Resources) -> str:
        """Create a stack that fails, and return the reasons of its resources."""
        outcome = self._create(resources)
        assert outcome.status == "ROLLBACK_COMPLETE", outcome
        return "\n".join(outcome.reasons.values())

    def deletion_failure(self, stack_id: str) -> str:
        """Delete a stack that cannot be deleted, and return the reasons of its resources."""
        outcome = stacks.delete(self._client, stack_id)
        assert outcome.status == "DELETE_FAILED", outcome
        return "\n".join(outcome.reasons.values())

    def outputs(self, stack_id: str) -> dict[str, str]:
        return stacks.wait(self._client, stack_id).outputs

    def physical(self, stack_id: str, logical_id: str) -> str:
        return stacks.wait(self._client, stack_id).physical_ids[logical_id]

    def clean(self) -> None:
        for stack_id in reversed(self._made):
            self.delete(stack_id)
