"""The running system's addresses for a browser."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from installation.names import DISTRIBUTION_OUTPUT
from installation.settings import Settings
from ops.aws.embedded import ask_for
from ops.stacks.state import Stack

EDGE = "Where users reach the system"
TEST = "Where a release is tested before users reach it"


@dataclass(frozen=True, kw_only=True)
class Address:
    """One address."""

    url: str  # URL for a browser
    description: str  # what it shows


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """A distribution of the embedded AWS."""

    id: str
    url: str  # URL for a browser on this machine
    domain_name: str  # its domain name, as on AWS


def read_addresses(stacks: Mapping[str, Stack], settings: Settings, endpoint: str | None) -> tuple[Address, ...]:
    """The addresses that exist, with the users' address first.

    They are the stacks' outputs, or on the embedded AWS the loopback addresses of the same resources.
    """
    if endpoint is not None:
        return _loopback_addresses(stacks, settings, endpoint)
    addresses = (
        Address(url=output.value, description=output.description)
        for stack in stacks.values()
        for output in stack.outputs
        if output.value.startswith(("http://", "https://"))
    )
    return tuple(sorted(addresses, key=lambda address: address.description != EDGE))


def read_distributions(endpoint: str) -> tuple[Distribution, ...]:
    """The CloudFront distributions of the embedded AWS, with their addresses on this machine."""
    return ask_for(tuple[Distribution, ...], endpoint, "distributions") or ()


def _loopback_addresses(stacks: Mapping[str, Stack], settings: Settings, endpoint: str) -> tuple[Address, ...]:
    """Loopback addresses, because no DNS here resolves names such as ….cloudfront.net."""
    printed = {stack.output(DISTRIBUTION_OUTPUT) for stack in stacks.values()}
    edges = [
        Address(url=distribution.url, description=EDGE)
        for distribution in read_distributions(endpoint)
        if distribution.id in printed
    ]
    # Not the production listener: it answers only the distribution.
    tests = [
        Address(url=listener["url"], description=TEST)
        for listener in ask_for(list[dict[str, Any]], endpoint, "listeners") or ()
        if (listener["load_balancer"], listener["port"])
        == (settings.names.load_balancer, settings.load_balancer.test_port)
    ]
    return (*edges, *tests)
