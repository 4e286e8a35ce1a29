"""A service that waits for its tasks stands on its stack's record, so that after a kill the stack can delete it."""

from typing import Any

import pytest

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.ecs import emulator
from embedded_aws.ecs.cloudformation import _create_service

STACK = "ComputeStack"
PROPERTIES = {"Cluster": "c", "ServiceName": "api"}


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the stack has on record."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(cloudformation, "stacks", {STACK: {"_resources": found}})
    return found


def create() -> tuple[str, emulator.Record]:
    return _create_service(lambda: None, "Service", dict(PROPERTIES), STACK)


def test_a_service_is_on_record_before_it_is_made(monkeypatch: pytest.MonkeyPatch, records: dict[str, Any]) -> None:
    seen = []

    def call(operation: str, _request: object) -> dict[str, Any]:
        seen.append((operation, {name: it["PhysicalResourceId"] for name, it in records.items()}))
        return {"service": {"serviceArn": "arn", "clusterArn": "c", "serviceName": "api"}}

    monkeypatch.setattr(emulator, "find_service", lambda _cluster, _name: None)
    monkeypatch.setattr(emulator, "call", call)
    assert create()[0] == "arn"
    assert seen == [("CreateService", {"Service": "api"})]


def test_a_service_that_exists_is_not_recorded(monkeypatch: pytest.MonkeyPatch, records: dict[str, Any]) -> None:
    def call(_operation: str, _request: object) -> dict[str, Any]:
        assert not records
        raise ValueError("not idempotent")

    monkeypatch.setattr(emulator, "find_service", lambda _cluster, _name: {"serviceName": "api"})
    monkeypatch.setattr(emulator, "call", call)
    with pytest.raises(ValueError, match="not idempotent"):
        create()
    assert not records
