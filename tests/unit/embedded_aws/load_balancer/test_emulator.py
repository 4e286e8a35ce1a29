"""What is read of the emulator's load balancers."""

from typing import Any

import pytest

from embedded_aws.load_balancer import emulator

_FORWARDING = {"LoadBalancerArn": "balancer", "DefaultActions": [{"Type": "forward", "TargetGroupArn": "group"}]}


class _Growing(dict[str, Any]):
    """Listeners to which another thread adds one each time that they are looked at."""

    def items(self) -> Any:
        found = list(super().items())
        self[f"listener-{len(self)}"] = _FORWARDING
        return found


def test_a_listener_may_come_while_the_users_of_a_group_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks at them every moment, such as health checks, would end for good."""
    monkeypatch.setattr(emulator, "listeners", _Growing({"listener-0": _FORWARDING}))
    assert emulator.users_of("group") == ["balancer"]
