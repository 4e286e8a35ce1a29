"""A template's properties as a request, and its numbers where a type has a text."""

from embedded_aws.cloudformation.resource_models import request_of, texts
from ops.templates.schemas import schema


def test_only_what_is_a_text_becomes_one() -> None:
    found = schema("AWS::EC2::Subnet", "us-east-1")
    assert found is not None
    properties = {
        "AvailabilityZone": 1,
        "MapPublicIpOnLaunch": True,
        "Tags": [{"Key": "a", "Value": 2.5}, {"Key": True, "Value": "b"}],
        "Ipv4NetmaskLength": 24,
    }

    assert texts(found.content, properties, found.content) == {
        "AvailabilityZone": "1",
        "MapPublicIpOnLaunch": True,
        "Tags": [{"Key": "a", "Value": "2.5"}, {"Key": "true", "Value": "b"}],
        "Ipv4NetmaskLength": 24,
    }
    assert properties["AvailabilityZone"] == 1


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
