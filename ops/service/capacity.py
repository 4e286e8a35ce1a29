"""The capacity that released and one-off tasks run on."""

from dataclasses import dataclass

from ops.aws.clients import Aws
from ops.errors import FailedError


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """One item of a capacity provider strategy."""

    provider: str  # ``FARGATE`` or ``FARGATE_SPOT``
    base: int  # tasks that run on it at least
    weight: int  # its share of the others


def read_capacity(aws: Aws) -> tuple[Capacity, ...]:
    """The cluster's default strategy, which the template gives to cluster and service alike.

    The service's own is not asked: a deployment that names none takes it away from the service (aws/containers-roadmap
    #1752), and such a deployment, say from the console, shall not decide about the next one.

    Raises:
        FailedError: the cluster has none, so it is not the one of this system.
    """
    clusters = aws.ecs.describe_clusters(clusters=[aws.names.cluster])["clusters"]
    strategy = clusters[0].get("defaultCapacityProviderStrategy", []) if clusters else []
    if not strategy:
        raise FailedError(
            f"the cluster {aws.names.cluster} has no default capacity provider strategy, though its template sets one",
            "See what was changed by hand: `hannibal drift`",
        )
    return tuple(
        Capacity(provider=item["capacityProvider"], base=item.get("base", 0), weight=item.get("weight", 0))
        for item in strategy
    )
