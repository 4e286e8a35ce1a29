"""What a policy must allow for a call."""

from embedded_aws.codedeploy.applications import resource
from embedded_aws.codedeploy.store import Store


def test_policies_are_about_application_group_and_configuration() -> None:
    store = Store()
    store.deployments["d-1"] = {"info": {"applicationName": "app", "deploymentGroupName": "group"}}
    group = {"applicationName": "app", "deploymentGroupName": "group"}
    assert resource(store, "CreateDeployment", group) == "deploymentgroup:app/group"
    assert resource(store, "GetDeployment", {"deploymentId": "d-1"}) == "deploymentgroup:app/group"
    assert resource(store, "GetDeployment", {"deploymentId": "d-2"}) == "*"
    assert resource(store, "GetApplication", group) == "application:app"
    assert resource(store, "StopDeployment", {"deploymentId": "d-1"}) == "*"
    name = {"deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce"}
    assert resource(store, "GetDeploymentConfig", name) == f"deploymentconfig:{name['deploymentConfigName']}"
