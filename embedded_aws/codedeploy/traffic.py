"""Traffic and task sets of a deployment as its targets: listeners, weights on them, and shares of the task sets."""

from dataclasses import dataclass

from embedded_aws.codedeploy.store import ACTIVE_STATUSES, Record, Store, now, refuse
from embedded_aws.ecs import emulator as ecs
from embedded_aws.ecs import task_sets
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.describing import set_groups


@dataclass(frozen=True)
class Traffic:
    """The two target groups of a pair and the listeners that share traffic between them."""

    groups: tuple[str, str]
    production: str
    test: str | None

    @classmethod
    def of(cls, load_balancer_info: Record) -> "Traffic":
        """Read a group's load balancer information."""
        (pair,) = load_balancer_info["targetGroupPairInfoList"]
        by_name = {group["TargetGroupName"]: arn for arn, group in emulator.target_groups.items()}
        arns = [by_name.get(group["name"], "") for group in pair["targetGroups"]]
        test = (pair.get("testTrafficRoute") or {}).get("listenerArns") or [None]
        return cls((arns[0], arns[1]), pair["prodTrafficRoute"]["listenerArns"][0], test[0])

    def other(self, group_arn: str) -> str:
        """Give the other target group of the pair."""
        first, second = self.groups
        return second if group_arn == first else first

    def is_behind_production(self, group_arn: str) -> bool:
        """Say whether the production listener forwards to a group."""
        return any(group_arn in dict(emulator.forwarded_groups(a)) for a in _actions(self.production))

    def shift_production(self, to: str, percent: float) -> None:
        """Give a group so much of the production traffic, and the other one the rest."""
        self._shift(self.production, to, percent)

    def shift_test(self, to: str) -> None:
        """Give a group all test traffic."""
        if self.test:
            self._shift(self.test, to, 100.0)

    def _shift(self, listener_arn: str, to: str, percent: float) -> None:
        weights = {to: round(percent), self.other(to): 100 - round(percent)}
        for action in _actions(listener_arn):
            if weights.keys() & dict(emulator.forwarded_groups(action)).keys():
                set_groups(action, [(arn, weights[arn]) for arn in self.groups])

    def production_percent(self, group_arn: str) -> float:
        """Give the share of production traffic of a group, in percent."""
        for action in _actions(self.production):
            weights = dict(emulator.forwarded_groups(action))
            total = sum(weights.values())
            if group_arn in weights and total:
                return 100.0 * weights[group_arn] / total
        return 0.0


def _actions(listener_arn: str) -> list[Record]:
    """List the forward actions of a listener and its rules; the default rule shares them with the listener."""
    listener = emulator.listeners.get(listener_arn)
    if listener is None:
        return []
    lists = [listener.get("DefaultActions", [])]
    lists += [rule.get("Actions", []) for rule in emulator.rules.values() if rule.get("ListenerArn") == listener_arn]
    return [action for actions in lists for action in actions if action.get("Type") == "forward"]


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
            group = emulator.target_groups.get(arn) or {}
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
