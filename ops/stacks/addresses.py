"""Where a browser finds the running system."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.error import URLError
from urllib.request import urlopen

from installation.settings import Settings
from ops.stacks.state import Stack

_LISTENERS = "/_hannibal/listeners"
_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Address:
    """One address.

    Attributes:
        url: what a browser opens.
        description: what is there.
    """

    url: str
    description: str


def read_addresses(stacks: Mapping[str, Stack], settings: Settings, endpoint: str | None) -> tuple[Address, ...]:
    """The addresses that lead somewhere: those that the stacks print, or the embedded AWS's own on this machine.

    Args:
        stacks: all stacks that exist.
        settings: the installation.
        endpoint: address of the embedded AWS; None for AWS itself.
    """
    if endpoint is not None:
        return _on_this_machine(endpoint, settings)
    return tuple(
        Address(url=output.value, description=output.description)
        for stack in stacks.values()
        for output in stack.outputs
        if output.value.startswith(("http://", "https://"))
    )


def _on_this_machine(endpoint: str, settings: Settings) -> tuple[Address, ...]:
    """Names such as ….cloudfront.net exist in no DNS here; the listeners of load balancers do answer."""
    try:
        with urlopen(endpoint.rstrip("/") + _LISTENERS, timeout=_SECONDS) as answer:  # noqa: S310 - boto3's own endpoint
            listeners = json.load(answer)
    except (URLError, TimeoutError, ValueError):
        return ()  # an endpoint of another kind, such as a proxy to AWS
    return tuple(
        Address(
            url=listener["url"],
            description="release before its users see it"
            if listener["port"] == settings.load_balancer.test_port
            else "production",
        )
        for listener in listeners
        if listener["load_balancer"] == settings.names.load_balancer
    )
