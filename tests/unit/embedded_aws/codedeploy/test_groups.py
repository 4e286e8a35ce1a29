"""Another name of a deployment group."""

from typing import Any

import pytest

from embedded_aws.codedeploy.configurations import Configurations
from embedded_aws.codedeploy.groups import Groups
from embedded_aws.codedeploy.store import Store
from embedded_aws.core.refusal import Refusal


@pytest.fixture
def store() -> Store:
    store = Store()
    store.applications["shop"] = {"applicationName": "shop", "computePlatform": "Server"}
    groups = Groups(store, Configurations(store))
    for name in ("blue", "green"):
        groups.create({"applicationName": "shop", "deploymentGroupName": name})
    return store


def _rename(store: Store, name: str, to: str) -> Any:
    request = {"applicationName": "shop", "currentDeploymentGroupName": name, "newDeploymentGroupName": to}
    return Groups(store, Configurations(store)).update(request)


def test_a_group_does_not_take_the_name_of_another_one(store: Store) -> None:
    with pytest.raises(Refusal, match="already exists") as refused:
        _rename(store, "blue", "green")
    assert refused.value.code == "DeploymentGroupAlreadyExistsException"
    assert store.groups.keys() == {"shop/blue", "shop/green"}


def test_a_group_keeps_its_deployments_under_another_name(store: Store) -> None:
    """A deployment that runs meanwhile has to find its group when it is rolled back."""
    info = {"applicationName": "shop", "deploymentGroupName": "blue", "status": "InProgress", "createTime": 1.0}
    store.deployments["d-1"] = {"info": info}
    _rename(store, "blue", "pink")
    found = store.active_deployment(store.group("shop", "pink"))
    assert found is not None
    assert found["info"]["deploymentGroupName"] == "pink"
