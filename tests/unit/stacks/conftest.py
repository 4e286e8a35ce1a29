"""Single resources of the synthesized templates."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Template

Resources = Callable[..., dict[str, dict[str, Any]]]
OneResource = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def resources(templates: Callable[[str], dict[str, Template]]) -> Resources:
    """Returns all resources of a type in a stack, by logical id, optionally only those with some property values."""

    def find(stack: str, of_type: str, environment: str = "dev", **properties: object) -> dict[str, dict[str, Any]]:
        return {
            logical_id: resource
            for logical_id, resource in templates(environment)[stack]["Resources"].items()
            if resource["Type"] == of_type
            and all(resource.get("Properties", {}).get(key) == value for key, value in properties.items())
        }

    return find


@pytest.fixture(scope="session")
def one(resources: Resources) -> OneResource:
    """Returns the one resource of a type in a stack, with its properties, policies and dependencies."""

    def find(stack: str, of_type: str, environment: str = "dev", **properties: object) -> dict[str, Any]:
        found = resources(stack, of_type, environment, **properties)
        assert len(found) == 1, f"{len(found)} resources of type {of_type} in {stack}: {sorted(found)}"
        return next(iter(found.values()))

    return find
