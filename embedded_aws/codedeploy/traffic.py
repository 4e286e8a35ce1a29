"""The traffic of a deployment: listeners, and the weights of its two target groups on them."""

from dataclasses import dataclass

from embedded_aws.codedeploy.store import Record
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
