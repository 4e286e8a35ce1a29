"""Deployment groups of the compute platform ECS: the API operations and their rules."""

from typing import Any
from uuid import uuid4

from embedded_aws.codedeploy.configurations import ALL_AT_ONCE, Configurations
from embedded_aws.codedeploy.store import Record, Store, refuse
from embedded_aws.core.refusal import Refusal
from embedded_aws.ecs import emulator as ecs

_ROLLBACK_EVENTS = {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"}
_SETTINGS = (
    "deploymentConfigName",
    "serviceRoleArn",
    "triggerConfigurations",
    "alarmConfiguration",
    "autoRollbackConfiguration",
    "outdatedInstancesStrategy",
    "deploymentStyle",
    "blueGreenDeploymentConfiguration",
    "loadBalancerInfo",
    "ecsServices",
)
_DEFAULTS: Record = {
    "deploymentConfigName": ALL_AT_ONCE,
    "triggerConfigurations": [],
    "alarmConfiguration": {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []},
    "autoRollbackConfiguration": {"enabled": False, "events": []},
    "outdatedInstancesStrategy": "UPDATE",
}
_MOST_ALARMS = 50
_MOST_WAIT_MINUTES = 2880


class Groups:
    """The API operations on deployment groups."""

    def __init__(self, store: Store, configurations: Configurations, *, account: str, region: str) -> None:
        self._store = store
        self._configurations = configurations
        self._arn_prefix = f"arn:aws:codedeploy:{region}:{account}:deploymentgroup:"

    def create(self, request: Record) -> Record:
        """CreateDeploymentGroup."""
        application = self._store.application(request.get("applicationName"))
        name = request.get("deploymentGroupName")
        if not name:
            raise refuse("DeploymentGroupNameRequiredException", "Deployment group name is required.")
        key = f"{application['applicationName']}/{name}"
        if key in self._store.groups:
            raise refuse("DeploymentGroupAlreadyExistsException", f"Deployment group already exists with name: {name}")
        if not request.get("serviceRoleArn"):
            raise refuse("RoleRequiredException", "Role ARN is required.")
        group = {
            "applicationName": application["applicationName"],
            "deploymentGroupId": str(uuid4()),
            "deploymentGroupName": name,
            "computePlatform": application["computePlatform"],
            **_DEFAULTS,
            **_given(request),
        }
        self._check(group)
        self._store.groups[key] = group
        self._store.tags[self._arn_prefix + key] = list(request.get("tags", []))
        return {"deploymentGroupId": group["deploymentGroupId"]}

    def update(self, request: Record) -> Record:
        """UpdateDeploymentGroup."""
        application, name = request.get("applicationName"), request.get("currentDeploymentGroupName")
        group = self._store.group(application, name)
        changed = {**group, **_given(request)}
        changed["deploymentGroupName"] = request.get("newDeploymentGroupName") or group["deploymentGroupName"]
        self._check(changed)
        del self._store.groups[f"{application}/{name}"]
        self._store.groups[f"{application}/{changed['deploymentGroupName']}"] = changed
        return {"hooksNotCleanedUp": []}

    def get(self, request: Record) -> Record:
        """GetDeploymentGroup."""
        group = self._store.group(request.get("applicationName"), request.get("deploymentGroupName"))
        return {"deploymentGroupInfo": self._described(group)}

    def batch_get(self, request: Record) -> Record:
        """BatchGetDeploymentGroups."""
        groups = [self._store.group(request.get("applicationName"), n) for n in request.get("deploymentGroupNames", [])]
        return {"deploymentGroupsInfo": [self._described(group) for group in groups]}

    def list(self, request: Record) -> Record:
        """ListDeploymentGroups."""
        application = self._store.application(request.get("applicationName"))["applicationName"]
        names = [group["deploymentGroupName"] for group in self._store.groups_of(application)]
        return {"applicationName": application, "deploymentGroups": sorted(names)}

    def delete(self, request: Record) -> Record:
        """DeleteDeploymentGroup; one that does not exist is deleted."""
        key = f"{request.get('applicationName')}/{request.get('deploymentGroupName')}"
        group = self._store.groups.get(key)
        if group is not None and (active := self._store.active_deployment(group)):
            # Deleted in the middle, it would leave two task sets and split traffic.
            raise refuse("InvalidInputException", _active(group, active))
        self._store.groups.pop(key, None)
        self._store.tags.pop(self._arn_prefix + key, None)
        return {"hooksNotCleanedUp": []}

    def check_no_active_deployment(self, group: Record) -> None:
        """Refuse a second deployment beside one that has not ended."""
        if active := self._store.active_deployment(group):
            raise refuse("DeploymentLimitExceededException", _active(group, active))

    def _described(self, group: Record) -> Record:
        described = dict(group)
        attempts = self._store.deployments_of(group)
        for name, found in (
            ("lastAttemptedDeployment", attempts),
            ("lastSuccessfulDeployment", [d for d in attempts if d["info"]["status"] == "Succeeded"]),
        ):
            if found:
                info = found[0]["info"]
                described[name] = {
                    "deploymentId": info["deploymentId"],
                    "status": info["status"],
                    "createTime": info["createTime"],
                    **({"endTime": info["completeTime"]} if "completeTime" in info else {}),
                }
        if "lastSuccessfulDeployment" in described:
            identifier = described["lastSuccessfulDeployment"]["deploymentId"]
            described["targetRevision"] = self._store.deployment(identifier)["info"]["revision"]
        return described

    def _check(self, group: Record) -> None:
        self._configurations.find(group["deploymentConfigName"])
        check_alarms(group["alarmConfiguration"])
        check_rollback(group["autoRollbackConfiguration"])
        if group["computePlatform"] == "ECS":
            _check_style(group)
            _check_pair(group.get("loadBalancerInfo") or {})
            _check_service(group.get("ecsServices") or [])


def _given(request: Record) -> Record:
    return {name: request[name] for name in _SETTINGS if request.get(name) is not None}


def _active(group: Record, deployment: Record) -> str:
    return (
        f"The Deployment Group '{group['deploymentGroupName']}' already has an active Deployment "
        f"'{deployment['info']['deploymentId']}'"
    )


def check_alarms(configuration: Record) -> None:
    """Refuse an alarm configuration with too many alarms, or one that is enabled without any."""
    alarms = configuration.get("alarms") or []
    if len(alarms) > _MOST_ALARMS:
        raise refuse("AlarmsLimitExceededException", f"A deployment group takes at most {_MOST_ALARMS} alarms.")
    if configuration.get("enabled") and not alarms:
        raise refuse("InvalidAlarmConfigException", "The alarm configuration is enabled, but it has no alarms.")


def check_rollback(configuration: Record) -> None:
    """Refuse a rollback configuration with an event that there is not, or one that is enabled without any."""
    events = configuration.get("events") or []
    if configuration.get("enabled") and (not events or not set(events) <= _ROLLBACK_EVENTS):
        raise refuse("InvalidAutoRollbackConfigException", "The automatic rollback configuration is not valid.")


def _not_for_ecs(code: str, rule: str) -> Refusal:
    return refuse(code, f"For ECS deployment group, {rule}")


def _check_style(group: Record) -> None:
    style = group.get("deploymentStyle") or {}
    if (style.get("deploymentType"), style.get("deploymentOption")) != ("BLUE_GREEN", "WITH_TRAFFIC_CONTROL"):
        raise _not_for_ecs(
            "InvalidDeploymentStyleException", "deployment style must be BLUE_GREEN and WITH_TRAFFIC_CONTROL"
        )
    configuration: dict[str, Any] | None = group.get("blueGreenDeploymentConfiguration")
    if not configuration:
        raise _not_for_ecs(
            "InvalidBlueGreenDeploymentConfigurationException", "blueGreenDeploymentConfiguration can not be null"
        )
    terminate = configuration.get("terminateBlueInstancesOnDeploymentSuccess") or {}
    if not 0 <= int(terminate.get("terminationWaitTimeInMinutes", 0)) <= _MOST_WAIT_MINUTES:
        raise refuse(
            "InvalidBlueGreenDeploymentConfigurationException",
            f"The termination wait time must be between 0 and {_MOST_WAIT_MINUTES} minutes",
        )


def _check_pair(info: Record) -> None:
    pairs = info.get("targetGroupPairInfoList") or []
    if info.get("elbInfoList") or info.get("targetGroupInfoList"):
        raise _not_for_ecs("InvalidLoadBalancerInfoException", "loadBalancerInfo must not contain elbInfo list")
    if len(pairs) != 1:
        raise _not_for_ecs(
            "InvalidLoadBalancerInfoException", "loadBalancerInfo must contain exactly one targetGroupPairInfo"
        )
    groups = pairs[0].get("targetGroups") or []
    routes = [pairs[0].get("prodTrafficRoute"), pairs[0].get("testTrafficRoute")]
    if len(groups) != 2 or not (routes[0] or {}).get("listenerArns"):
        raise refuse(
            "InvalidTargetGroupPairException",
            "A target group pair must have two target groups and a listener for production traffic",
        )
    if any(route and len(route.get("listenerArns") or []) != 1 for route in routes):
        raise refuse("InvalidTargetGroupPairException", "A traffic route must have exactly one listener")


def _check_service(services: list[Record]) -> None:
    if len(services) != 1:
        raise _not_for_ecs("InvalidECSServiceException", "exactly one ECS service must be specified")
    cluster, name = services[0].get("clusterName"), services[0].get("serviceName", "")
    service = ecs.find_service(cluster, name)
    if service is None or service["status"] != "ACTIVE":
        raise refuse(
            "InvalidECSServiceException",
            f"Could not load ECS service information for cluster: {cluster}, service: {name}.",
        )
    if not ecs.is_code_deploy(service):
        raise refuse(
            "InvalidECSServiceException",
            "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller.",
        )
