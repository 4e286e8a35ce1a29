"""``AWS::CodeDeploy::Application`` and ``DeploymentGroup`` in CloudFormation."""

from collections.abc import Callable

from embedded_aws.cloudformation.registry import Change, Created, Properties, generated_name, register
from embedded_aws.cloudformation.resource_models import request_of
from embedded_aws.codedeploy.applications import Applications
from embedded_aws.codedeploy.groups import Groups
from embedded_aws.core.json_service import Operation


def register_types(applications: Applications, groups: Groups) -> None:
    """Let templates use the types; each calls the API."""

    def update_group(change: Change) -> Created:
        request = request_of("codedeploy", "UpdateDeploymentGroup", change.new)
        groups.update(request | {"currentDeploymentGroupName": change.physical_id})
        return change.physical_id, {}

    register(
        name="AWS::CodeDeploy::Application",
        create=_creating("Application", applications.create),
        update=lambda change: (change.physical_id, {}),
        delete=lambda name, _: applications.delete({"applicationName": name}),
    )
    register(
        name="AWS::CodeDeploy::DeploymentGroup",
        create=_creating("DeploymentGroup", groups.create),
        update=update_group,
        delete=lambda name, properties: groups.delete(
            {"applicationName": properties.get("ApplicationName"), "deploymentGroupName": name}
        ),
    )


def _creating(kind: str, create: Operation) -> Callable[[str, Properties, str], Created]:
    """Create a resource through the API; its name is in ``<kind>Name``."""

    def call(logical_id: str, properties: Properties, stack: str) -> Created:
        name = properties.get(f"{kind}Name") or generated_name(stack, logical_id, longest=100)
        create(request_of("codedeploy", f"Create{kind}", properties | {f"{kind}Name": name}))
        return name, {}

    return call
