"""ComputeStack with the real stacks that it uses, synthesized once for each variant, with the rules of AwsSolutions."""

from collections.abc import Callable
from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks

from installation import names
from installation.settings.file import load_settings
from stacks.ephemeral.compute import ComputeStack
from stacks.ephemeral.storage import StorageStack
from stacks.persistent.artifact import ArtifactStack
from stacks.persistent.guardrail import GuardrailStack
from stacks.persistent.network import NetworkStack
from tests.conftest import new_app
from tests.support.synthesis import changed

Resource = dict[str, Any]


class ComputeTemplates:
    """Templates of ComputeStack and of the persistent stacks around it.

    Args:
        environment: the environment whose settings are used.
        sections: fields of sections of the settings that replace them.
    """

    def __init__(self, environment: str, **sections: dict[str, Any] | bool) -> None:
        self.settings = settings = changed(load_settings(environment), **sections)
        self.names = settings.names
        app = new_app()
        network = NetworkStack(app, names.NETWORK_STACK, settings=settings)
        artifact = ArtifactStack(app, names.ARTIFACT_STACK, settings=settings)
        guardrail = GuardrailStack(app, names.GUARDRAIL_STACK, settings=settings)
        storage = StorageStack(app, names.STORAGE_STACK, settings=settings, network=network, artifact=artifact)
        compute = ComputeStack(
            app,
            names.COMPUTE_STACK,
            settings=settings,
            network=network,
            artifact=artifact,
            storage=storage,
            guardrail=guardrail,
        )
        # With the rules, synthesis of a variant fails for each finding that is not acknowledged.
        cdk.Validations.of(compute).add_plugins(AwsSolutionsChecks(app))
        self.json: dict[str, Any] = dict(Template.from_stack(compute).to_json())
        self.persistent = [Template.from_stack(stack).to_json() for stack in (network, artifact, guardrail)]

    def of_type(self, kind: str) -> dict[str, Resource]:
        """Resources of a type by logical id."""
        return {key: value for key, value in self.json["Resources"].items() if value["Type"] == kind}

    def one(self, kind: str, **properties: object) -> tuple[str, Resource]:
        """The one resource of a type that has these properties, with its logical id."""
        found = [
            (key, value)
            for key, value in self.of_type(kind).items()
            if all(value["Properties"].get(name) == wanted for name, wanted in properties.items())
        ]
        assert len(found) == 1, f"{len(found)} resources of type {kind} with {properties}"
        return found[0]

    def properties(self, kind: str, **properties: object) -> Resource:
        """Properties of the one resource that `one` finds."""
        content: Resource = self.one(kind, **properties)[1]["Properties"]
        return content

    def container(self, name: str = "api") -> Resource:
        """A container of the task."""
        found = self.properties("AWS::ECS::TaskDefinition")["ContainerDefinitions"]
        (container,) = (one for one in found if one["Name"] == name)
        return dict(container)

    def environment(self, name: str = "api") -> dict[str, Any]:
        """The environment variables of a container with values in the template."""
        return {item["Name"]: item["Value"] for item in self.container(name).get("Environment", [])}

    def secrets(self, name: str = "api") -> dict[str, Any]:
        """The environment variables of a container that ECS reads when a task starts, as CloudFormation values."""
        return {item["Name"]: item["ValueFrom"] for item in self.container(name).get("Secrets", [])}

    def policy(self, role_name: str) -> list[Resource]:
        """Statements of a role's inline policies."""
        role = self.one("AWS::IAM::Role", RoleName=role_name)[0]
        return [
            statement
            for policy in self.of_type("AWS::IAM::Policy").values()
            if policy["Properties"]["Roles"] == [{"Ref": role}]
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        ]


@cache
def dev() -> ComputeTemplates:
    """With config/dev.yaml: public addresses, shells, HTTP."""
    return ComputeTemplates("dev")


@cache
def prod() -> ComputeTemplates:
    """With config/prod.yaml: a NAT gateway, two tasks, no shells."""
    return ComputeTemplates("prod")


@cache
def secured() -> ComputeTemplates:
    """Dev with a certificate, spot capacity, another architecture, a writable root file system, and a service user."""
    certificate = "123456789012:certificate/of-the-domain"
    return ComputeTemplates(
        "dev",
        service={"capacity": "spot", "architecture": "x86_64", "read_only_root": False},
        load_balancer={"certificate_arn": f"arn:aws:acm:ap-northeast-1:{certificate}"},
        edge={"domain": "hannibal.example.com", "certificate_arn": f"arn:aws:acm:us-east-1:{certificate}"},
        database={"service_user": "app", "service_user_image": f"example.com/psql@sha256:{'5' * 64}"},
    )


Variant = Callable[[], ComputeTemplates]
# Functions, so that a template is synthesized when a test runs, not when it is collected.
every_variant = pytest.mark.parametrize("variant", [dev, prod, secured], ids=["dev", "prod", "secured"])
