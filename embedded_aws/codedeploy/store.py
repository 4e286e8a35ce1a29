"""CodeDeploy's state: applications, groups, configurations and deployments, as the API describes them."""

import copy
import secrets
import string
import threading
import time
from functools import partial
from typing import Any, Final

from embedded_aws.core.context import JsonValue
from embedded_aws.core.refusal import Refusal

Record = dict[str, Any]
SERVICE: Final = "CodeDeploy"
refuse = partial(Refusal, SERVICE)

ACTIVE_STATUSES = ("Created", "Queued", "InProgress", "Baking", "Ready")
_KEPT = ("applications", "groups", "configurations", "deployments")
_ID_LETTERS = string.ascii_uppercase + string.digits


class Store:
    """The records of one account and region, kept across a restart."""

    def __init__(self) -> None:
        self.applications: dict[str, Record] = {}
        self.groups: dict[str, Record] = {}
        self.configurations: dict[str, Record] = {}
        self.deployments: dict[str, Record] = {}
        self.lock = threading.RLock()

    def saved(self) -> JsonValue:
        """Copy everything, to be saved."""
        with self.lock:
            return copy.deepcopy({name: getattr(self, name) for name in _KEPT})

    def restore(self, saved: JsonValue) -> None:
        """Restore everything."""
        if isinstance(saved, dict):
            for name in _KEPT:
                getattr(self, name).update(saved.get(name, {}))

    def application(self, name: str) -> Record:
        """Find an application; refuse an unknown name."""
        if name not in self.applications:
            raise refuse("ApplicationDoesNotExistException", f"No application found for name: {name}")
        return self.applications[name]

    def group(self, application: str, name: str) -> Record:
        """Find a deployment group; refuse an unknown application or group."""
        self.application(application)
        if f"{application}/{name}" not in self.groups:
            raise refuse("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}")
        return self.groups[f"{application}/{name}"]

    def groups_of(self, application: str) -> list[Record]:
        """List the groups of an application."""
        return [group for key, group in self.groups.items() if key.startswith(f"{application}/")]

    def deployment(self, identifier: str) -> Record:
        """Find the whole record of a deployment (``info`` is what GetDeployment answers); refuse an unknown id."""
        if identifier not in self.deployments:
            raise refuse("DeploymentDoesNotExistException", f"The deployment {identifier} could not be found")
        return self.deployments[identifier]

    def all_deployments(self) -> list[Record]:
        """List all deployments, as they are now: another thread may add a rollback while a caller reads them."""
        return list(self.deployments.values())

    def deployments_of(self, group: Record) -> list[Record]:
        """List the deployments of a group, newest first."""
        deployments = [
            deployment
            for deployment in self.all_deployments()
            if deployment["info"]["applicationName"] == group["applicationName"]
            and deployment["info"]["deploymentGroupName"] == group["deploymentGroupName"]
        ]
        return sorted(deployments, key=lambda deployment: float(deployment["info"]["createTime"]), reverse=True)

    def active_deployment(self, group: Record) -> Record | None:
        """Find the deployment of a group that has not ended."""
        return next((d for d in self.deployments_of(group) if d["info"]["status"] in ACTIVE_STATUSES), None)


def new_deployment_id() -> str:
    """Make an id like ``d-A7YW3F91L``."""
    return "d-" + "".join(secrets.choice(_ID_LETTERS) for _ in range(9))


def now() -> float:
    """Give the time in the API's form."""
    return round(time.time(), 3)
