"""A template's properties as a request."""

from embedded_aws.cloudformation.resource_models import request_of


def test_a_template_becomes_a_request() -> None:
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
    assert request_of("ecs", "RegisterTaskDefinition", template) == {
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
