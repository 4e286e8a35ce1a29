"""Deployment groups of the compute platform ECS: the API operations and their rules."""

from uuid import uuid4

from embedded_aws.codedeploy.configurations import ALL_AT_ONCE, Configurations
from embedded_aws.codedeploy.store import Record, Store, refuse
from embedded_aws.ecs import emulator as ecs
from embedded_aws.requests import property_rules

_SETTINGS = (
    *("deploymentConfigName", "serviceRoleArn", "triggerConfigurations", "alarmConfiguration", "deploymentStyle"),
    *("autoRollbackConfiguration", "outdatedInstancesStrategy", "blueGreenDeploymentConfiguration"),
    *("loadBalancerInfo", "ecsServices"),
)
_DEFAULTS: Record = {
    "deploymentConfigName": ALL_AT_ONCE,
    "triggerConfigurations": [],
    "alarmConfiguration": {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []},
    "autoRollbackConfiguration": {"enabled": False, "events": []},
    "outdatedInstancesStrategy": "UPDATE",
}


class Groups:
    """The API operations on deployment groups."""

    def __init__(self, store: Store, configurations: Configurations) -> None:
        self._store = store
        self._configurations = configurations

    def create(self, request: Record) -> Record:
        """CreateDeploymentGroup."""
        application = self._store.application(request["applicationName"])
        name = request["deploymentGroupName"]
        self._check_new_name(application["applicationName"], name)
        group = {
            "applicationName": application["applicationName"],
            "deploymentGroupId": str(uuid4()),
            "deploymentGroupName": name,
            "computePlatform": application["computePlatform"],
            **_DEFAULTS,
            **_given_settings(request),
        }
        self._check(group)
        self._store.groups[f"{application['applicationName']}/{name}"] = group
        return {"deploymentGroupId": group["deploymentGroupId"]}

    def update(self, request: Record) -> Record:
        """UpdateDeploymentGroup."""
        application, name = request["applicationName"], request["currentDeploymentGroupName"]
        group = self._store.group(application, name)
        new_name = request.get("newDeploymentGroupName") or name
        if new_name != name:
            self._check_new_name(application, new_name)
        changed = {**group, **_given_settings(request), "deploymentGroupName": new_name}
        self._check(changed)
        for deployment in self._store.deployments_of(group):
            deployment["info"]["deploymentGroupName"] = new_name
        del self._store.groups[f"{application}/{name}"]
        self._store.groups[f"{application}/{new_name}"] = changed
        return {"hooksNotCleanedUp": []}

    def get(self, request: Record) -> Record:
        """GetDeploymentGroup."""
        group = self._store.group(request["applicationName"], request["deploymentGroupName"])
        return {"deploymentGroupInfo": self._description(group)}

    def list(self, request: Record) -> Record:
        """ListDeploymentGroups."""
        application = self._store.application(request["applicationName"])["applicationName"]
        names = [group["deploymentGroupName"] for group in self._store.groups_of(application)]
        return {"applicationName": application, "deploymentGroups": sorted(names)}

    def delete(self, request: Record) -> Record:
        """DeleteDeploymentGroup; a missing group counts as deleted."""
        key = f"{request.get('applicationName')}/{request.get('deploymentGroupName')}"
        group = self._store.groups.get(key)
        if group is not None and (active := self._store.active_deployment(group)):
            # Deleted during a deployment, it would leave two task sets and split traffic.
            raise refuse("InvalidInputException", active_deployment_message(group, active))
        self._store.groups.pop(key, None)
        return {"hooksNotCleanedUp": []}

    def _description(self, group: Record) -> Record:
        description = dict(group)
        attempts = self._store.deployments_of(group)
        for name, found in (
            ("lastAttemptedDeployment", attempts),
            ("lastSuccessfulDeployment", [d for d in attempts if d["info"]["status"] == "Succeeded"]),
        ):
            if found:
                info = found[0]["info"]
                description[name] = {
                    "deploymentId": info["deploymentId"],
                    "status": info["status"],
                    "createTime": info["createTime"],
                    **({"endTime": info["completeTime"]} if "completeTime" in info else {}),
                }
        if "lastSuccessfulDeployment" in description:
            identifier = description["lastSuccessfulDeployment"]["deploymentId"]
            description["targetRevision"] = self._store.deployment(identifier)["info"]["revision"]
        return description

    def _check_new_name(self, application: str, name: str) -> None:
        if f"{application}/{name}" in self._store.groups:
            raise refuse("DeploymentGroupAlreadyExistsException", f"Deployment group already exists with name: {name}")

    def _check(self, group: Record) -> None:
        self._configurations.find(group["deploymentConfigName"])
        property_rules.check("CodeDeploy alarms", group["alarmConfiguration"])
        property_rules.check("CodeDeploy rollback", group["autoRollbackConfiguration"])
        if group["computePlatform"] == "ECS":
            property_rules.check("CodeDeploy group of ECS", group)
            _check_service(group["ecsServices"][0])


def _given_settings(request: Record) -> Record:
    return {name: request[name] for name in _SETTINGS if request.get(name) is not None}


def active_deployment_message(group: Record, deployment: Record) -> str:
    """The message where a deployment that has not ended keeps a group from something."""
    return (
        f"The Deployment Group '{group['deploymentGroupName']}' already has an active Deployment "
        f"'{deployment['info']['deploymentId']}'"
    )


def _check_service(ecs_service: Record) -> None:
    cluster, name = ecs_service.get("clusterName"), ecs_service.get("serviceName", "")
    service = ecs.find_service(cluster, name)
    message = ""
    if service is None or service["status"] != "ACTIVE":
        message = f"Could not load ECS service information for cluster: {cluster}, service: {name}."
    elif not ecs.is_code_deploy(service):
        message = "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller."
    if message:
        raise refuse("InvalidECSServiceException", message)
