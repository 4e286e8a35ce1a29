"""Addresses of tasks: private ones, as AWS shows them, and where the same task really answers on loopback."""

import secrets
import threading
from collections.abc import Callable

from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecs import emulator


class TaskNetwork:
    """Gives each task a private address of its subnet and remembers the way to it on loopback."""

    def __init__(self) -> None:
        self._ways: dict[str, Callable[[int], int]] = {}
        self._lock = threading.Lock()

    def attach(self, subnet_id: str | None, way: Callable[[int], int]) -> str:
        """Give a free address of a subnet to a task.

        Args:
            way: gives the port of loopback for a port of the task.
        """
        subnet = ec2.subnets.get(subnet_id) if subnet_id else None
        with self._lock:
            while (address := ec2.address_in(subnet, secrets.randbits(32))) in self._ways:
                pass
            self._ways[address] = way
        return address

    def detach(self, address: str) -> None:
        """Take an address back."""
        with self._lock:
            self._ways.pop(address, None)

    def resolve(self, address: str, port: int) -> tuple[str, int]:
        """Say where on loopback the task at a private address answers; other addresses stay as they are."""
        way = self._ways.get(address)
        return ("127.0.0.1", way(port)) if way else (address, port)


def attachment(attachment_id: str, *, subnet_id: str | None, address: str, region: str) -> emulator.Record:
    """Describe the network interface of a task as DescribeTasks does."""
    mac = ":".join(f"{byte:02x}" for byte in (0x06, *secrets.token_bytes(5)))
    details = {
        "subnetId": subnet_id,
        "networkInterfaceId": f"eni-{secrets.token_hex(8)}{secrets.randbelow(16):x}",
        "macAddress": mac,
        "privateDnsName": f"ip-{address.replace('.', '-')}.{region}.compute.internal",
        "privateIPv4Address": address,
    }
    return {
        "id": attachment_id,
        "type": "ElasticNetworkInterface",
        "status": "ATTACHED",
        "details": [{"name": name, "value": value} for name, value in details.items() if value],
    }
