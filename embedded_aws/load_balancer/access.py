"""One request that a load balancer has answered, as metrics and access logs see it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Access:
    """One answered request; without target seconds the load balancer itself made the answer."""

    load_balancer_arn: str
    group_arn: str | None
    method: str
    url: str
    client: str
    user_agent: str
    trace_id: str
    status: int
    target_seconds: float | None
    received_bytes: int
    sent_bytes: int
