"""``AWS::CodeDeploy::Application``, ``DeploymentGroup`` and ``DeploymentConfig`` in CloudFormation."""

from embedded_aws.cloudformation.registry import Change, Created, Properties, generated_name, register, tag_list
from embedded_aws.codedeploy.applications import Applications
from embedded_aws.codedeploy.configurations import Configurations
from embedded_aws.codedeploy.groups import Groups
from embedded_aws.core.models import service_model
from embedded_aws.ecs.cloudformation import convert


class CodeDeployTypes:
    """The resource types; each calls the API."""

    def __init__(self, applications: Applications, groups: Groups, configurations: Configurations) -> None:
        self._applications = applications
        self._groups = groups
        self._configurations = configurations
        self._model = service_model("codedeploy")

    def register(self) -> None:
        """Let templates use the types."""
        register(
            name="AWS::CodeDeploy::Application",
            create=self._create_application,
            update=lambda change: (change.physical_id, {}),
            delete=lambda name, _: void(self._applications.delete({"applicationName": name})),
            replaced_by=("ApplicationName", "ComputePlatform"),
            tag_property=("Tags", "list"),
        )
        register(
            name="AWS::CodeDeploy::DeploymentGroup",
            create=self._create_group,
            update=self._update_group,
            delete=self._delete_group,
            replaced_by=("ApplicationName", "DeploymentGroupName"),
            tag_property=("Tags", "list"),
        )
        register(
            name="AWS::CodeDeploy::DeploymentConfig",
            create=self._create_configuration,
            delete=lambda name, _: void(self._configurations.delete({"deploymentConfigName": name})),
            replaced_by=(
                "ComputePlatform",
                "DeploymentConfigName",
                "MinimumHealthyHosts",
                "TrafficRoutingConfig",
                "ZonalConfig",
            ),
        )

    def _request(self, operation: str, properties: Properties) -> Properties:
        shape = self._model.operation_model(operation).input_shape
        return dict(convert(properties, shape)) if shape is not None else {}

    def _create_application(self, logical_id: str, properties: Properties, stack: str) -> Created:
        name = properties.get("ApplicationName") or generated_name(stack, logical_id, longest=100)
        request = self._request("CreateApplication", properties)
        self._applications.create(request | {"applicationName": name, "tags": tag_list(properties)})
        return name, {}

    def _create_group(self, logical_id: str, properties: Properties, stack: str) -> Created:
        name = properties.get("DeploymentGroupName") or generated_name(stack, logical_id, longest=100)
        request = self._request("CreateDeploymentGroup", properties)
        self._groups.create(request | {"deploymentGroupName": name, "tags": tag_list(properties)})
        return name, {}

    def _update_group(self, change: Change) -> Created:
        request = self._request("UpdateDeploymentGroup", change.new)
        self._groups.update(request | {"currentDeploymentGroupName": change.physical_id})
        return change.physical_id, {}

    def _delete_group(self, physical_id: str, properties: Properties) -> None:
        request = {"applicationName": properties.get("ApplicationName"), "deploymentGroupName": physical_id}
        self._groups.delete(request)

    def _create_configuration(self, logical_id: str, properties: Properties, stack: str) -> Created:
        name = properties.get("DeploymentConfigName") or generated_name(stack, logical_id, longest=100)
        request = self._request("CreateDeploymentConfig", properties)
        self._configurations.create(request | {"deploymentConfigName": name})
        return name, {}


def void(_answer: object) -> None:
    """Drop the answer of an operation that is called for its effect."""
