"""Deployments: the API operations; `runner.py` executes deployments."""

from collections.abc import Callable

from embedded_aws.codedeploy import app_spec
from embedded_aws.codedeploy.configurations import ALL_AT_ONCE, Configurations
from embedded_aws.codedeploy.groups import active_deployment_message
from embedded_aws.codedeploy.lifecycle import new_events
from embedded_aws.codedeploy.store import ACTIVE_STATUSES, Record, Store, new_deployment_id, now, refuse
from embedded_aws.requests import property_rules

_STOPPED_MESSAGE = "No more commands will be scheduled for execution in the deployment instances"


class Deployments:
    """The API operations on deployments."""

    def __init__(self, store: Store, configurations: Configurations, *, start: Callable[[Record], None]) -> None:
        """Take the stores, and ``start``, which begins a new deployment."""
        self._store = store
        self._configurations = configurations
        self._start = start

    def create(self, request: Record) -> Record:
        """CreateDeployment."""
        with self._store.lock:
            group = self._store.group(request["applicationName"], request["deploymentGroupName"])
            if group["computePlatform"] != "ECS":
                raise refuse("InvalidComputePlatformException", "The embedded AWS deploys to ECS only.")
            configuration = request.get("deploymentConfigName") or group["deploymentConfigName"]
            self._configurations.find(configuration)
            revision = request.get("revision") or {}
            named = revision.get("appSpecContent") or {}
            if named.get("sha256") and not named.get("content"):  # one that was deployed before
                revision = self._deployed(group["applicationName"], named["sha256"])
            app_spec.read(revision)
            rollback = request.get("autoRollbackConfiguration") or group["autoRollbackConfiguration"]
            property_rules.check("CodeDeploy rollback", rollback)
            override = request.get("overrideAlarmConfiguration")
            property_rules.check("CodeDeploy alarms", override or {})
            if active := self._store.active_deployment(group):
                raise refuse("DeploymentLimitExceededException", active_deployment_message(group, active))
            info = self._info(group, configuration, revision, rollback) | {"creator": "user"}
            if request.get("description"):
                info["description"] = request["description"]
            if override:
                info["overrideAlarmConfiguration"] = override
            return self._add(info, group)

    def create_rollback(self, triggering: Record, revision: Record) -> Record:
        """Create the deployment that rolls another one back, as CodeDeploy does."""
        with self._store.lock:
            failed = triggering["info"]
            group = self._store.group(failed["applicationName"], failed["deploymentGroupName"])
            info = self._info(group, ALL_AT_ONCE, revision, {"enabled": False, "events": []})
            identifier = info["deploymentId"]
            message = f"Deployment {identifier} is triggered to roll back deployment {failed['deploymentId']}."
            info["creator"] = "codeDeployRollback"
            info["rollbackInfo"] = {
                "rollbackTriggeringDeploymentId": failed["deploymentId"],
                "rollbackMessage": message,
            }
            return self._add(info, group)

    def _info(self, group: Record, configuration: str, revision: Record, rollback: Record) -> Record:
        info = {
            "applicationName": group["applicationName"],
            "deploymentGroupName": group["deploymentGroupName"],
            "deploymentConfigName": configuration,
            "deploymentId": new_deployment_id(),
            "revision": revision,
            "status": "Created",
            "createTime": now(),
            "deploymentOverview": dict.fromkeys(
                ("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready"), 0
            ),
            "ignoreApplicationStopFailures": False,
            "autoRollbackConfiguration": rollback,
            "updateOutdatedInstancesOnly": False,
            "deploymentStyle": group["deploymentStyle"],
            "instanceTerminationWaitTimeStarted": False,
            "blueGreenDeploymentConfiguration": group["blueGreenDeploymentConfiguration"],
            "loadBalancerInfo": group["loadBalancerInfo"],
            "fileExistsBehavior": "DISALLOW",
            "deploymentStatusMessages": [],
            "computePlatform": "ECS",
        }
        previous = [d for d in self._store.deployments_of(group) if d["info"]["status"] == "Succeeded"]
        if previous:
            info["previousRevision"] = previous[0]["info"]["revision"]
        return info

    def _add(self, info: Record, group: Record) -> Record:
        (service,) = group["ecsServices"]
        deployment = {
            "info": info,
            "cluster": service["clusterName"],
            "service": service["serviceName"],
            "events": new_events(),
        }
        self._store.deployments[info["deploymentId"]] = deployment
        self._start(deployment)
        return {"deploymentId": info["deploymentId"]}

    def get(self, request: Record) -> Record:
        """GetDeployment."""
        return {"deploymentInfo": _description(self._store.deployment(request["deploymentId"]))}

    def batch_get(self, request: Record) -> Record:
        """BatchGetDeployments."""
        found = [self._store.deployments.get(identifier) for identifier in request.get("deploymentIds", [])]
        return {"deploymentsInfo": [_description(deployment) for deployment in found if deployment]}

    def get_revision(self, request: Record) -> Record:
        """GetApplicationRevision: the only operation that returns the text of an AppSpec."""
        application = request["applicationName"]
        self._store.application(application)
        found = self._deployed(application, app_spec.digest_of(request["revision"]))
        return {"applicationName": application, "revision": found, "revisionInfo": {}}

    def _deployed(self, application: str, digest: str) -> Record:
        """The revision of an earlier deployment, with the text of its AppSpec."""
        for info in [deployment["info"] for deployment in self._store.all_deployments()]:
            revision: Record = info["revision"]
            if info["applicationName"] == application and app_spec.digest_of(revision) == digest:
                return revision
        raise refuse("RevisionDoesNotExistException", f"No revision found with the SHA256 hash {digest}")

    def list(self, request: Record) -> Record:
        """ListDeployments, newest first."""
        application, group = request.get("applicationName"), request.get("deploymentGroupName")
        if application and group:  # neither is sent alone
            self._store.group(application, group)
        infos = [deployment["info"] for deployment in self._store.all_deployments()]
        statuses = request.get("includeOnlyStatuses") or []
        window = request.get("createTimeRange") or {}
        selected = [
            info
            for info in infos
            if application in {None, info["applicationName"]}
            and group in {None, info["deploymentGroupName"]}
            and (not statuses or info["status"] in statuses)
            and float(window.get("start", 0)) <= info["createTime"] <= float(window.get("end", "inf"))
        ]
        selected.sort(key=lambda info: float(info["createTime"]), reverse=True)
        return {"deployments": [info["deploymentId"] for info in selected]}

    def stop(self, request: Record) -> Record:
        """StopDeployment: the runner stops it at once and, if asked for here or by the group, rolls back."""
        deployment = self._store.deployment(request["deploymentId"])
        if deployment["info"]["status"] not in ACTIVE_STATUSES:
            message = f"The deployment {deployment['info']['deploymentId']} is already completed"
            raise refuse("DeploymentAlreadyCompletedException", message)
        deployment["stop"] = {"rollback": bool(request.get("autoRollbackEnabled"))}
        return {"status": "Pending", "statusMessage": _STOPPED_MESSAGE}

    def continue_(self, request: Record) -> Record:
        """ContinueDeployment: end the wait before traffic moves, or the wait before the old tasks end."""
        deployment = self._store.deployment(request["deploymentId"])
        kind = request.get("deploymentWaitType") or "READY_WAIT"
        if deployment["info"]["status"] not in ACTIVE_STATUSES:
            raise refuse("DeploymentAlreadyCompletedException", "The deployment is already completed")
        if deployment.get("waiting") != kind:
            raise refuse("DeploymentIsNotInReadyStateException", f"The deployment is not in the state {kind}.")
        deployment["continued"] = kind
        return {}

    def put_hook_status(self, request: Record) -> Record:
        """PutLifecycleEventHookExecutionStatus: a hook's function reports the result of its check."""
        deployment = self._store.deployment(request["deploymentId"])
        identifier, status = request.get("lifecycleEventHookExecutionId"), request.get("status")
        hook = deployment.get("hook") or {}
        if not identifier or hook.get("id") != identifier:
            raise refuse(
                "InvalidLifecycleEventHookExecutionIdException",
                f"The lifecycle event hook execution ID {identifier} is not valid.",
            )
        property_rules.check("CodeDeploy hook status", {"status": status})
        if hook.get("status"):
            raise refuse("LifecycleEventAlreadyCompletedException", "The lifecycle event is already completed.")
        hook["status"] = status
        return {"lifecycleEventHookExecutionId": identifier}


def _description(deployment: Record) -> Record:
    info: Record = deployment["info"]
    return info | {name: app_spec.without_text(info[name]) for name in ("revision", "previousRevision") if name in info}
