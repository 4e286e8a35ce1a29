"""What a policy must allow for a call."""

from functools import partial

import pytest

from embedded_aws.codedeploy.applications import resource as resource_of_deployment
from embedded_aws.codedeploy.store import Store
from embedded_aws.iam.authorization import resources


def test_policies_are_about_application_group_and_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    monkeypatch.setitem(resources.FINDERS, "codedeploy", partial(resource_of_deployment, store))
    store.deployments["d-1"] = {"info": {"applicationName": "app", "deploymentGroupName": "group"}}
    group = {"applicationName": "app", "deploymentGroupName": "group"}
    assert resources.resource_end("codedeploy", "CreateDeployment", group) == "deploymentgroup:app/group"
    assert resources.resource_end("codedeploy", "ListDeployments", group) == "deploymentgroup:app/group"
    assert resources.resource_end("codedeploy", "ListDeployments", {}) == "*"
    for wrong in (5, ["x"], [["x"]], {"a": "b"}):
        assert resource_of_deployment(store, "BatchGetDeployments", {"deploymentIds": wrong}) is None
    assert resources.resource_end("codedeploy", "GetDeployment", {"deploymentId": "d-1"}) == "deploymentgroup:app/group"
    assert resources.resource_end("codedeploy", "GetDeployment", {"deploymentId": "d-2"}) == "*"
    assert resources.resource_end("codedeploy", "GetApplication", group) == "application:app"
    assert resources.resource_end("codedeploy", "StopDeployment", {"deploymentId": "d-1"}) == "*"
    name = {"deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce"}
    assert (
        resources.resource_end("codedeploy", "GetDeploymentConfig", name)
        == f"deploymentconfig:{name['deploymentConfigName']}"
    )
