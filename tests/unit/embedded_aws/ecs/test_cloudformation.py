"""A template's properties as a request."""

from botocore.loaders import Loader
from botocore.model import ServiceModel

from embedded_aws.ecs.cloudformation import convert


def test_a_template_becomes_a_request() -> None:
    model = ServiceModel(Loader().load_service_model("ecs", "service-2"), "ecs")
    shape = model.operation_model("RegisterTaskDefinition").input_shape
    assert shape is not None
    template = {
        "Family": "api",
        "Unknown": 1,
        "ContainerDefinitions": [
            {
                "Name": "api",
                "PortMappings": [{"ContainerPort": "3000"}],
                "ReadonlyRootFilesystem": "true",
                "Secrets": [{"Name": "DATABASE_URL", "ValueFrom": "arn"}],
                "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "/ecs/api", "Max": 4}},
                "DockerLabels": {"Team": "blue"},
            }
        ],
    }
    assert convert(template, shape) == {
        "family": "api",
        "containerDefinitions": [
            {
                "name": "api",
                "portMappings": [{"containerPort": 3000}],
                "readonlyRootFilesystem": True,
                "secrets": [{"name": "DATABASE_URL", "valueFrom": "arn"}],
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/api", "Max": "4"}},
                "dockerLabels": {"Team": "blue"},
            }
        ],
    }
