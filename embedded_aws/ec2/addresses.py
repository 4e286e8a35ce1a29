"""Elastic IP addresses and the NAT gateways that use them."""

import re
from http import HTTPStatus
from typing import Any, Final

from embedded_aws.core.patching import Function, Original, Response
from embedded_aws.ec2 import emulator
from embedded_aws.ec2.emulator import refusal

# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html#using-instance-addressing-limit
ADDRESSES_PER_REGION: Final = 5
_NO_ADDRESSES: Final = "<natGatewayAddressSet/>"


def install() -> None:
    """Associate a NAT gateway's address with it, and release the association when the gateway is deleted."""
    for action, wrapper in (
        ("AllocateAddress", _allocate),
        ("ReleaseAddress", _release),
        ("CreateNatGateway", _create_nat_gateway),
        ("CreateNatGateway", _remembering()),
        ("DeleteNatGateway", _delete_nat_gateway),
        ("DescribeNatGateways", _describe_nat_gateways),
    ):
        emulator.wrap_action(action, wrapper)


def _allocate(original: Original, parameters: dict[str, Any]) -> Response:
    if len(emulator.addresses) >= ADDRESSES_PER_REGION:
        raise refusal("AddressLimitExceeded", "The maximum number of addresses has been reached.")
    return original(parameters)


def _release(original: Original, parameters: dict[str, Any]) -> Response:
    allocation = emulator.parameter(parameters, "AllocationId")
    address = emulator.addresses.get(allocation)
    if address is not None and address["AssociationId"]:
        message = f"Address with allocation id [{allocation}] is in use and cannot be released."
        raise refusal("InvalidIPAddress.InUse", message)
    return original(parameters)


def _create_nat_gateway(original: Original, parameters: dict[str, Any]) -> Response:
    address = _free_address(parameters)
    response = original(parameters)
    if address is not None:
        gateway = re.search(rb"<natGatewayId>([^<]+)<", response[2])
        address["AssociationId"] = f"eipassoc-{gateway[1].decode().removeprefix('nat-') if gateway else ''}"
    return response[0], response[1], _add_addresses(response[2])


def _remembering() -> Function:
    """Give a repeated request with the same token the previous answer.

    Source: Amazon EC2 developer guide, "Ensuring idempotency". Tokens are forgotten when the server ends.
    """
    answered: dict[str, tuple[dict[str, Any], Response]] = {}

    def answer(original: Original, parameters: dict[str, Any]) -> Response:
        token = emulator.parameter(parameters, "ClientToken")
        sent, response = answered.get(token) or (parameters, original(parameters))
        if sent != parameters:
            message = "The request uses the same client token as a previous, but non-identical request."
            raise refusal("IdempotentParameterMismatch", message)
        if token and response[0] == HTTPStatus.OK:
            answered[token] = sent, response
        return response

    return answer


def _free_address(parameters: dict[str, Any]) -> dict[str, Any] | None:
    subnet = emulator.parameter(parameters, "SubnetId")
    if subnet and subnet not in emulator.subnets:
        raise refusal("InvalidSubnetID.NotFound", f"The subnet ID '{subnet}' does not exist")
    if emulator.parameter(parameters, "ConnectivityType") == "private":
        return None
    allocation = emulator.parameter(parameters, "AllocationId")
    if not allocation:
        message = (
            "The request must include the AllocationId parameter. Add the required parameter and retry the request."
        )
        raise refusal("MissingParameter", message)
    address: dict[str, Any] | None = emulator.addresses.get(allocation)
    if address is None:
        raise refusal("InvalidAllocationID.NotFound", f"The allocation ID '{allocation}' does not exist")
    if address["AssociationId"]:
        raise refusal("Resource.AlreadyAssociated", f"Elastic IP address [{allocation}] is already associated")
    return address


def _delete_nat_gateway(original: Original, parameters: dict[str, Any]) -> Response:
    gateway = emulator.nat_gateways.get(emulator.parameter(parameters, "NatGatewayId"))
    if gateway is not None and gateway["AllocationId"] in emulator.addresses:
        emulator.addresses[gateway["AllocationId"]]["AssociationId"] = None
    return original(parameters)


def _describe_nat_gateways(original: Original, parameters: dict[str, Any]) -> Response:
    status, headers, body = original(parameters)
    return status, headers, _add_addresses(body)


def _add_addresses(body: bytes) -> bytes:
    """Add each NAT gateway's address, which the emulator leaves out."""

    def fill(match: re.Match[str]) -> str:
        gateway = emulator.nat_gateways.get(match[1])
        address = emulator.addresses.get(gateway["AllocationId"]) if gateway else None
        if address is None:
            return match[0]
        item = (
            f"<item><allocationId>{address['AllocationId']}</allocationId><publicIp>{address['PublicIp']}</publicIp>"
            f"<associationId>{address['AssociationId'] or ''}</associationId><isPrimary>true</isPrimary></item>"
        )
        return match[0].replace(_NO_ADDRESSES, f"<natGatewayAddressSet>{item}</natGatewayAddressSet>")

    pattern = r"<natGatewayId>([^<]+)</natGatewayId>(?:(?!<natGatewayId>).)*?" + re.escape(_NO_ADDRESSES)
    return re.sub(pattern, fill, body.decode(), flags=re.DOTALL).encode()
