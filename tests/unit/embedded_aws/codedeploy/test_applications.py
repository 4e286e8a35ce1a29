"""Applications and what is known of their deployments."""

from embedded_aws.codedeploy.applications import Applications
from embedded_aws.codedeploy.store import Store


def test_an_application_takes_what_is_known_of_its_deployments_along() -> None:
    store = Store()
    applications = Applications(store)
    for name in ("shop", "other"):
        applications.create({"applicationName": name, "computePlatform": "ECS"})
        store.deployments[f"d-{name}"] = {"info": {"applicationName": name, "status": "Succeeded"}}
    applications.delete({"applicationName": "shop"})
    assert store.deployments.keys() == {"d-other"}
