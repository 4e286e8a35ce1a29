"""What a policy must allow for a call."""

from embedded_aws.codedeploy.authorization import Authorization
from embedded_aws.codedeploy.store import Store


def test_policies_are_about_application_group_and_configuration() -> None:
    store = Store()
    store.deployments["d-1"] = {"info": {"applicationName": "app", "deploymentGroupName": "group"}}
    authorization = Authorization(store, account="000000000000", region="ap-northeast-1")
    prefix = "arn:aws:codedeploy:ap-northeast-1:000000000000:"
    group = {"applicationName": "app", "deploymentGroupName": "group"}
    assert authorization.resource("CreateDeployment", group) == f"{prefix}deploymentgroup:app/group"
    assert authorization.resource("GetDeployment", {"deploymentId": "d-1"}) == f"{prefix}deploymentgroup:app/group"
    assert authorization.resource("GetApplication", group) == f"{prefix}application:app"
    assert authorization.resource("StopDeployment", {"deploymentId": "d-1"}) == "*"
    name = {"deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce"}
    assert (
        authorization.resource("GetDeploymentConfig", name)
        == f"{prefix}deploymentconfig:{name['deploymentConfigName']}"
    )
