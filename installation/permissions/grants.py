"""What a policy says, as data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from installation.names import Names

Conditions = Mapping[str, Mapping[str, str | list[str]]]


@dataclass(frozen=True, kw_only=True)
class HostedZone:
    """A zone in which the installation has records.

    Attributes:
        id: of the zone.
        names: the names whose records are the installation's; all others are not its business.
        certified: the one of them that AWS certifies for the load balancer.
    """

    id: str
    names: tuple[str, ...]
    certified: str


@dataclass(frozen=True, kw_only=True)
class Arns:
    """Addresses of one installation's resources.

    Attributes:
        names: the installation's names.
        region: region of everything but what is global.
        account: account number, or whatever stands for it until deployment.
        hosted_zone: where its records are; None where they are made elsewhere.
    """

    names: Names
    region: str
    account: str
    hosted_zone: HostedZone | None = None

    def regional(self, service: str, *resources: str) -> tuple[str, ...]:
        """ARNs of resources of a service in this region."""
        return tuple(f"arn:aws:{service}:{self.region}:{self.account}:{resource}" for resource in resources)

    def worldwide(self, service: str, *resources: str) -> tuple[str, ...]:
        """ARNs of resources of a service that knows no regions."""
        return tuple(f"arn:aws:{service}::{self.account}:{resource}" for resource in resources)

    def buckets(self, *names: str) -> tuple[str, ...]:
        """ARNs of buckets, or of what they hold when the name goes on with a path."""
        return tuple(f"arn:aws:s3:::{name}" for name in names)


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One statement of a policy.

    Attributes:
        sid: what it is for, in one word of letters and digits.
        actions: actions as IAM writes them.
        resources: ARNs, or ``*`` where the service authorization reference lists no resource type for the actions.
        reason: why a wildcard is as narrow as it can be; needed where there is one.
        conditions: further limits.
        effect: whether it allows or denies.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str = ""
    conditions: Conditions = field(default_factory=dict)
    effect: Literal["Allow", "Deny"] = "Allow"

    def __post_init__(self) -> None:
        """Refuse a wildcard that nobody gave a reason for."""
        if self.effect == "Allow" and self.wildcards and not self.reason:
            raise ValueError(f"{self.sid}: say why its wildcards are needed: {', '.join(self.wildcards)}")

    @property
    def wildcards(self) -> tuple[str, ...]:
        """Its actions and resources that stand for more than one."""
        return tuple(text for text in (*self.actions, *self.resources) if "*" in text)


def of(service: str, names: str) -> tuple[str, ...]:
    """Actions of a service from their names, separated by blanks."""
    return tuple(f"{service}:{name}" for name in names.split())


# What is granted depends on the installation's ARNs, whose account number is known at deployment only.
GrantsOf = Callable[[Arns], Sequence[Grant]]
