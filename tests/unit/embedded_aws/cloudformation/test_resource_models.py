"""Numbers of a template where a type has a text."""

from embedded_aws.cloudformation.resource_models import texts
from ops.templates.schemas import schema


def test_only_what_is_a_text_becomes_one() -> None:
    found = schema("AWS::EC2::Subnet", "us-east-1")
    assert found is not None
    given = {
        "AvailabilityZone": 1,
        "MapPublicIpOnLaunch": True,
        "Tags": [{"Key": "a", "Value": 2.5}, {"Key": True, "Value": "b"}],
        "Ipv4NetmaskLength": 24,
    }

    assert texts(found.content, given, found.content) == {
        "AvailabilityZone": "1",
        "MapPublicIpOnLaunch": True,
        "Tags": [{"Key": "a", "Value": "2.5"}, {"Key": "true", "Value": "b"}],
        "Ipv4NetmaskLength": 24,
    }
    assert given["AvailabilityZone"] == 1
