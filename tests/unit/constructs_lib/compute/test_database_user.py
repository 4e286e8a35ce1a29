"""The service's own user of the database, which a container makes before the API starts."""

import json

from installation.names import DATABASE_USER_CONTAINER
from tests.support.compute_stack import dev, secured


def test_it_is_made_before_the_api_starts_by_a_container_without_rights() -> None:
    container = secured().container(DATABASE_USER_CONTAINER)

    assert {"ContainerName": DATABASE_USER_CONTAINER, "Condition": "SUCCESS"} in secured().container()["DependsOn"]
    assert container["DependsOn"] == [{"ContainerName": "certificates", "Condition": "SUCCESS"}]
    assert (container["Essential"], container["User"], container["ReadonlyRootFilesystem"]) == (False, "65534", True)
    assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert secured().environment(DATABASE_USER_CONTAINER)["SERVICE_USER"] == "app"


def test_the_api_has_none_of_the_secrets_that_make_it() -> None:
    makers = {json.dumps(value) for value in secured().secrets(DATABASE_USER_CONTAINER).values()}

    assert set(secured().secrets(DATABASE_USER_CONTAINER)) == {"DATABASE_URL", "SERVICE_PASSWORD"}
    assert not makers & {json.dumps(value) for value in secured().secrets().values()}


def test_without_the_setting_the_service_is_the_master_user() -> None:
    assert "Connection" in json.dumps(dev().secrets()["DATABASE_URL"])
    assert DATABASE_USER_CONTAINER not in json.dumps(dev().json)
