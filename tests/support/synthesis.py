"""Synthesizes one stack alone, for tests of persistent stacks that need no other stack."""

from typing import Any

from aws_cdk.assertions import Template

from constructs_lib.stack import HannibalStack
from installation.settings import Settings
from tests.conftest import new_app

Resource = dict[str, Any]


class Synthesized:
    """The template of one stack, with queries that CDK's assertions lack.

    Args:
        stack: class of the stack.
        name: its name in the application.
        settings: the settings for it.
    """

    def __init__(self, stack: type[HannibalStack], name: str, settings: Settings) -> None:
        built = stack(new_app(), name, settings=settings)
        self.template = Template.from_stack(built)
        self.json: dict[str, Any] = dict(self.template.to_json())

    def of_type(self, kind: str) -> dict[str, Resource]:
        """Resources of a type by logical id."""
        return {key: value for key, value in self.json["Resources"].items() if value["Type"] == kind}

    def properties(self, kind: str) -> list[Resource]:
        """Properties of all resources of a type."""
        return [resource["Properties"] for resource in self.of_type(kind).values()]


def changed(settings: Settings, **sections: dict[str, Any] | bool) -> Settings:
    """Settings with some fields of some sections replaced, validated like those of a file."""
    content = settings.model_dump()
    for section, fields in sections.items():
        content[section] = (content[section] or {}) | fields if isinstance(fields, dict) else fields
    return Settings.model_validate(content)
