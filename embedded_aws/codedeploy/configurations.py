"""Deployment configurations: how fast traffic moves."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid5

from embedded_aws.codedeploy.store import Record, Store, now, refuse
from embedded_aws.requests import property_rules

ALL_AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"
_MINUTE = 60.0
_NAMESPACE = UUID("6f1f4f0e-7a55-4f0e-9a51-6a4de1b1a2a4")


def _shift(kind: Literal["Canary", "Linear"], percent: int, minutes: int) -> Record:
    """Traffic that shifts in steps of some percent, with some minutes between them."""
    share = {f"{kind.lower()}Percentage": percent, f"{kind.lower()}Interval": minutes}
    return {"type": f"TimeBased{kind}", f"timeBased{kind}": share}


# CodeDeploy user guide, "Predefined deployment configurations for an Amazon ECS compute platform".
_PREDEFINED: dict[str, Record] = {
    ALL_AT_ONCE: {"type": "AllAtOnce"},
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes": _shift("Linear", 10, 1),
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes": _shift("Linear", 10, 3),
    "CodeDeployDefault.ECSCanary10Percent5Minutes": _shift("Canary", 10, 5),
    "CodeDeployDefault.ECSCanary10Percent15Minutes": _shift("Canary", 10, 15),
}


@dataclass(frozen=True)
class Step:
    """The share of traffic on the replacement from a time on, in percent and in seconds after the shift begins."""

    percent: float
    after_seconds: float


def steps(routing: Record) -> list[Step]:
    """Plan the shift of a traffic routing configuration; the last step is 100 %."""
    if routing["type"] == "TimeBasedCanary":
        canary = routing["timeBasedCanary"]
        return [Step(canary["canaryPercentage"], 0.0), Step(100.0, canary["canaryInterval"] * _MINUTE)]
    if routing["type"] == "TimeBasedLinear":
        linear = routing["timeBasedLinear"]
        share, interval = linear["linearPercentage"], linear["linearInterval"] * _MINUTE
        count = -(-100 // share)
        return [Step(min(100.0, share * (number + 1)), number * interval) for number in range(count)]
    return [Step(100.0, 0.0)]


class Configurations:
    """The API operations on configurations."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, name: str) -> Record:
        """Find a configuration of the compute platform ECS; refuse an unknown name."""
        if name in _PREDEFINED:
            return _record(name, created=0.0, routing=_PREDEFINED[name])
        if name not in self._store.configurations:
            raise refuse("DeploymentConfigDoesNotExistException", f"No Deployment Configuration found for name: {name}")
        return self._store.configurations[name]

    def create(self, request: Record) -> Record:
        """CreateDeploymentConfig."""
        name = request["deploymentConfigName"]
        if name in self._store.configurations:
            message = f"Deployment Configuration already exists with name: {name}"
            raise refuse("DeploymentConfigAlreadyExistsException", message)
        routing = request.get("trafficRoutingConfig") or {"type": "AllAtOnce"}
        property_rules.check("CodeDeploy routing", routing)
        record = self._store.configurations[name] = _record(name, created=now(), routing=routing)
        return {"deploymentConfigId": record["deploymentConfigId"]}

    def get(self, request: Record) -> Record:
        """GetDeploymentConfig."""
        return {"deploymentConfigInfo": self.find(request["deploymentConfigName"])}


def _record(name: str, *, created: float, routing: Record) -> Record:
    return {
        "deploymentConfigId": str(uuid5(_NAMESPACE, name)),
        "deploymentConfigName": name,
        "computePlatform": "ECS",
        "createTime": created,
        "trafficRoutingConfig": routing,
    }
