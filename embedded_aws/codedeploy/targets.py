"""The target of a deployment, which is the ECS service with its two task sets: the API operations, and its state."""

from embedded_aws.codedeploy.store import ACTIVE_STATUSES, Record, Store, now, refuse
from embedded_aws.codedeploy.traffic import Traffic
from embedded_aws.ecs import emulator as ecs
from embedded_aws.ecs import task_sets
from embedded_aws.load_balancer import emulator as load_balancer


class Targets:
    """The API operations on deployment targets."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self, request: Record) -> Record:
        """ListDeploymentTargets."""
        return {"targetIds": [_target_id(self._started_deployment(request))]}

    def get(self, request: Record) -> Record:
        """GetDeploymentTarget."""
        return {"deploymentTarget": self._description(self._started_deployment(request), request.get("targetId"))}

    def _started_deployment(self, request: Record) -> Record:
        deployment = self._store.deployment(request["deploymentId"])
        if deployment["info"]["status"] == "Created":
            message = f"The deployment {deployment['info']['deploymentId']} has not started yet"
            raise refuse("DeploymentNotStartedException", message)
        return deployment

    def _description(self, deployment: Record, identifier: str | None) -> Record:
        if identifier != _target_id(deployment):
            raise refuse("DeploymentTargetDoesNotExistException", f"No deployment target found for ID: {identifier}")
        service = ecs.find_service(deployment["cluster"], deployment["service"])
        if deployment["info"]["status"] in ACTIVE_STATUSES or "task_sets" not in deployment:
            deployment["task_sets"] = describe_task_sets(deployment, service)
        return {
            "deploymentTargetType": "ECSTarget",
            "ecsTarget": {
                "deploymentId": deployment["info"]["deploymentId"],
                "targetId": identifier,
                "targetArn": service["serviceArn"] if service else "",
                "lastUpdatedAt": now(),
                "lifecycleEvents": deployment["events"],
                "status": target_status(deployment),
                "taskSetsInfo": deployment["task_sets"],
            },
        }


def _target_id(deployment: Record) -> str:
    return f"{deployment['cluster']}:{deployment['service']}"


def target_status(deployment: Record) -> str:
    """Give the state of the target that goes with a deployment's."""
    status = str(deployment["info"]["status"])
    return {"Created": "Pending", "Queued": "Pending", "Stopped": "Failed"}.get(status, status)


def describe_task_sets(deployment: Record, service: Record | None) -> list[Record]:
    """Describe original (Blue) and replacement (Green) with their share of production traffic."""
    if service is None:
        return []
    descriptions = []
    for label, name in (("Blue", "original"), ("Green", "replacement")):
        task_set = task_sets.find(service, deployment.get(name))
        if task_set is not None:
            arn = task_sets.group_of(task_set)
            weight = Traffic.of(deployment["info"]["loadBalancerInfo"]).production_percent(arn)
            group = load_balancer.target_groups.get(arn) or {}
            descriptions.append(
                {
                    "identifer": task_set["id"],  # the API's own spelling
                    "desiredCount": task_set["computedDesiredCount"],
                    "pendingCount": task_set["pendingCount"],
                    "runningCount": task_set["runningCount"],
                    "status": task_set["status"],
                    "trafficWeight": weight,
                    "targetGroup": {"name": group.get("TargetGroupName", "")},
                    "taskSetLabel": label,
                }
            )
    return descriptions
