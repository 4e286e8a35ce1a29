"""What a policy says, as data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from installation.names import Names

Conditions = Mapping[str, Mapping[str, str | list[str]]]


@dataclass(frozen=True, kw_only=True)
class HostedZone:
    """A zone in which the installation has records."""

    id: str  # of the zone
    names: tuple[str, ...]  # the names whose records are the installation's; all others are not its business
    certified: str  # the one of them that AWS certifies for the load balancer


@dataclass(frozen=True, kw_only=True)
class Arns:
    """Addresses of one installation's resources."""

    names: Names  # the installation's names
    region: str  # region of everything but what is global
    account: str  # account number, or whatever stands for it until deployment
    hosted_zone: HostedZone | None = None  # where its records are; None where they are made elsewhere

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
class Statement:
    """One statement of a policy."""

    sid: str  # what it is for, in one word of letters and digits
    actions: tuple[str, ...]  # actions as IAM writes them
    # ARNs, or ``*`` where the service authorization reference lists no resource type for the actions.
    resources: tuple[str, ...]
    reason: str = ""  # why a wildcard is as narrow as it can be; needed where there is one
    conditions: Conditions = field(default_factory=dict)  # further limits
    effect: Literal["Allow", "Deny"] = "Allow"  # whether it allows or denies

    def __post_init__(self) -> None:
        """Refuse a wildcard that nobody gave a reason for."""
        if self.effect == "Allow" and self.wildcards and not self.reason:
            raise ValueError(f"{self.sid}: say why its wildcards are needed: {', '.join(self.wildcards)}")

    def as_iam(self, *, named: bool = True) -> dict[str, object]:
        """The statement as IAM reads it, with its ``Sid`` or without."""
        content = {
            "Sid": self.sid if named else None,
            "Effect": self.effect,
            "Action": list(self.actions),
            "Resource": list(self.resources),
            "Condition": dict(self.conditions),
        }
        return {key: value for key, value in content.items() if value}

    @property
    def wildcards(self) -> tuple[str, ...]:
        """Its actions and resources that stand for more than one."""
        return tuple(text for text in (*self.actions, *self.resources) if "*" in text)


# What statements say depends on the installation's ARNs, whose account number is known at deployment only.
StatementsOf = Callable[[Arns], Sequence[Statement]]
