"""CloudWatch metrics of load balancers, in the namespace AWS/ApplicationELB."""

import threading
import time
from collections import Counter, defaultdict

from embedded_aws.cloudwatch.emulator import put_metrics
from embedded_aws.core.background import Ticker
from embedded_aws.core.context import ServerContext
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.forwarding import Access
from embedded_aws.load_balancer.targets import TargetBoard

_NAMESPACE = "AWS/ApplicationELB"
_SECONDS_BETWEEN_FLUSHES = 5.0
_HOST_COUNT_PERIOD_SECONDS = 60.0

Dimensions = tuple[tuple[str, str], ...]


class AccessMetrics:
    """Counts requests, and writes the counts every few seconds."""

    def __init__(self, context: ServerContext, board: TargetBoard) -> None:
        self._board = board
        self._counts: Counter[tuple[str, Dimensions]] = Counter()
        self._times: defaultdict[Dimensions, list[float]] = defaultdict(list)
        self._lock = threading.Lock()
        self._hosts_at = 0.0
        interval = _SECONDS_BETWEEN_FLUSHES / min(board.clock_factor, 10.0)
        Ticker(context, self.flush, name="load-balancer-metrics", seconds=interval)

    def count(self, access: Access) -> None:
        """Count one answered request."""
        group_arn, status, target_seconds = access.group_arn, access.status, access.target_seconds
        balancer = ("LoadBalancer", _balancer_name(access.load_balancer_arn))
        scopes: list[Dimensions] = [(balancer,)]
        if group_arn is not None:
            scopes.append((("TargetGroup", group_name(group_arn)), balancer))
        by = "ELB" if target_seconds is None else "Target"
        with self._lock:
            for dimensions in scopes:
                self._counts["RequestCount", dimensions] += 1
                if by == "Target" or (status >= 400 and len(dimensions) == 1):
                    self._counts[f"HTTPCode_{by}_{status // 100}XX_Count", dimensions] += 1
                if target_seconds is not None:
                    self._times[dimensions].append(target_seconds)

    def flush(self) -> None:
        """Write the counts since the last time."""
        with self._lock:
            counts, times = dict(self._counts), dict(self._times)
            self._counts.clear()
            self._times.clear()
        data = [_datum(name, dimensions, "Count", {"Value": n}) for (name, dimensions), n in counts.items()]
        data += [
            _datum("RequestCountPerTarget", dimensions, "None", {"Value": count / self._healthy(dimensions)})
            for (name, dimensions), count in counts.items()
            if name == "RequestCount" and len(dimensions) > 1
        ]
        data += [_datum("TargetResponseTime", dimensions, "Seconds", {"Values": v}) for dimensions, v in times.items()]
        if time.monotonic() >= self._hosts_at:
            self._hosts_at = time.monotonic() + _HOST_COUNT_PERIOD_SECONDS / self._board.clock_factor
            data += self._host_counts()
        if data:
            put_metrics(_NAMESPACE, data)

    def _healthy(self, dimensions: Dimensions) -> int:
        """The number of healthy targets of the group in the dimensions, at least 1."""
        name = dict(dimensions)["TargetGroup"]
        arn = next((arn for arn in list(emulator.target_groups.keys()) if group_name(arn) == name), "")
        return max(1, sum(state.state == "healthy" for _, state in self._board.states(arn)))

    def _host_counts(self) -> list[emulator.Record]:
        data = []
        for arn in list(emulator.target_groups.keys()):
            states = Counter(state.state for _, state in self._board.states(arn))
            # "Reported if there are registered targets" (Application Load Balancer user guide, target metrics).
            if not states:
                continue
            for user in emulator.users_of(arn):
                dimensions = (("TargetGroup", group_name(arn)), ("LoadBalancer", _balancer_name(user)))
                data.append(_datum("HealthyHostCount", dimensions, "Count", {"Value": states["healthy"]}))
                data.append(_datum("UnHealthyHostCount", dimensions, "Count", {"Value": states["unhealthy"]}))
        return data


def _datum(name: str, dimensions: Dimensions, unit: str, value: emulator.Record) -> emulator.Record:
    return {
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions],
        "Unit": unit,
        **value,
    }


def _balancer_name(arn: str) -> str:
    return arn.partition(":loadbalancer/")[2]


def group_name(group_arn: str) -> str:
    """Name a target group as the dimension ``TargetGroup`` does: ``targetgroup/name/id``."""
    return group_arn.rpartition(":")[2]
