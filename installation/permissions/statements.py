"""Policy statements as data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from installation.names import Names

Conditions = Mapping[str, Mapping[str, str | list[str]]]


@dataclass(frozen=True, kw_only=True)
class HostedZone:
    """The Route 53 zone in which the installation has records."""

    id: str  # of the zone
    names: tuple[str, ...]  # the names whose records the installation manages; it changes no others
    certified: str  # the name in the load balancer's certificate


@dataclass(frozen=True, kw_only=True)
class Arns:
    """ARNs of one installation's resources."""

    names: Names  # the installation's names
    region: str  # region of all regional resources
    account: str  # account number, or its placeholder until deployment
    hosted_zone: HostedZone | None = None  # zone of its records; None where it manages no records

    def regional(self, service: str, *resources: str) -> tuple[str, ...]:
        """ARNs of resources of a service in this region."""
        return tuple(f"arn:aws:{service}:{self.region}:{self.account}:{resource}" for resource in resources)

    def worldwide(self, service: str, *resources: str) -> tuple[str, ...]:
        """ARNs of resources of a global service."""
        return tuple(f"arn:aws:{service}::{self.account}:{resource}" for resource in resources)

    def buckets(self, *names: str) -> tuple[str, ...]:
        """ARNs of buckets, or of objects when the name continues with a path."""
        return tuple(f"arn:aws:s3:::{name}" for name in names)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy."""

    sid: str  # its purpose, in one word of letters and digits
    actions: tuple[str, ...]  # actions as IAM writes them
    # ARNs, or ``*`` where the service authorization reference lists no resource type for the actions.
    resources: tuple[str, ...]
    reason: str = ""  # why a wildcard cannot be narrower; required where there is one
    conditions: Conditions = field(default_factory=dict)  # further limits
    effect: Literal["Allow", "Deny"] = "Allow"

    def __post_init__(self) -> None:
        """Refuse a wildcard without a reason."""
        if self.effect == "Allow" and self.wildcards and not self.reason:
            raise ValueError(f"{self.sid}: say why its wildcards are needed: {', '.join(self.wildcards)}")

    def as_iam(self, *, named: bool = True) -> dict[str, object]:
        """The statement as IAM's JSON, with its ``Sid`` or without."""
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
        """Its actions and resources that have a wildcard."""
        return tuple(text for text in (*self.actions, *self.resources) if "*" in text)


# Statements depend on the installation's ARNs, whose account number is known only at deployment.
StatementsOf = Callable[[Arns], Sequence[Statement]]
