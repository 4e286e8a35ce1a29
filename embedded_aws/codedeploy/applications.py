"""Applications: the API operations, and the resource of calls about a deployment."""

from uuid import uuid4

from embedded_aws.codedeploy.store import Record, Store, now, refuse
from embedded_aws.core.json_value import as_list

# Limited to the group of the deployment. The reference has no resource for a hook's answer, but CodeDeploy asks for
# the group (CodeDeploy user guide, "Tutorial: Deploy an Amazon ECS service with a validation test").
_OF_DEPLOYMENT = ("BatchGetDeployments", "GetDeployment", "PutLifecycleEventHookExecutionStatus")


class Applications:
    """The API operations on applications."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, request: Record) -> Record:
        """CreateApplication."""
        name = request["applicationName"]
        if name in self._store.applications:
            raise refuse("ApplicationAlreadyExistsException", f"Application already exists with name: {name}")
        record = {
            "applicationId": str(uuid4()),
            "applicationName": name,
            "createTime": now(),
            "linkedToGitHub": False,
            "computePlatform": request.get("computePlatform", "Server"),
        }
        self._store.applications[name] = record
        return {"applicationId": record["applicationId"]}

    def get(self, request: Record) -> Record:
        """GetApplication."""
        return {"application": self._store.application(request["applicationName"])}

    def list(self, _request: Record) -> Record:
        """ListApplications."""
        return {"applications": sorted(self._store.applications)}

    def delete(self, request: Record) -> Record:
        """DeleteApplication, with its groups and all that is known of its deployments; a missing one counts as deleted.

        CodeDeploy user guide, "Delete an application": it removes "all related deployment group information and
        deployment details". So a month sees no release of the month before.
        """
        name = request["applicationName"]
        groups = self._store.groups_of(name)
        for group in groups:
            if active := self._store.active_deployment(group):
                message = f"The application has an active deployment: {active['info']['deploymentId']}"
                raise refuse("InvalidOperationException", message)
        for group in groups:
            del self._store.groups[f"{name}/{group['deploymentGroupName']}"]
        for identifier in [i for i, d in self._store.deployments.items() if d["info"]["applicationName"] == name]:
            del self._store.deployments[identifier]
        self._store.applications.pop(name, None)
        return {}


def resource(store: Store, action: str, request: Record) -> str | None:
    """The group of the deployment that a call names; `iam.authorization.resources` knows the other resources."""
    if action not in _OF_DEPLOYMENT:
        return None
    identifier = request.get("deploymentId") or as_list(request.get("deploymentIds") or [""])[0]
    info = store.deployments.get(str(identifier), {}).get("info")
    return f"deploymentgroup:{info['applicationName']}/{info['deploymentGroupName']}" if info else None
