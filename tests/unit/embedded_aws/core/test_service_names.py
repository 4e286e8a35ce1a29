"""The names are those that botocore's models say, wherever in its beginning a model says them."""

import botocore.session
import pytest

from embedded_aws.core.service_names import service_names


# A model with spaces in it, one whose signatures name another service, and one that is called by other words.
@pytest.mark.parametrize("service", ["pinpoint", "iot-data", "cloudwatch", "elbv2", "sms-voice"])
def test_a_service_is_known_by_each_of_its_names(service: str) -> None:
    metadata = botocore.session.get_session().get_service_model(service).metadata
    assert {service, metadata["endpointPrefix"], metadata.get("signingName", service)} <= service_names()


def test_each_service_is_known_and_nothing_else() -> None:
    assert set(botocore.session.get_session().get_available_services()) <= service_names()
    assert not {"nothing", ""} & service_names()
