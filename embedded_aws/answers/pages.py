"""Pages of lists that the emulator answers whole: smallest, largest and default size, as each API documents them.

Who reads the first page only, and takes it for all there is, is found here and not in an account with more in it.
Sources: the API references of the operations, MaxResults (EC2), MaxItems (IAM), MaxRecords (RDS), PageSize (Elastic
Load Balancing). Other services page by themselves here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from embedded_aws.answers.places import place, token_of
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response, wrap_item
from embedded_aws.database import emulator as database
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.iam import emulator as iam
from embedded_aws.load_balancer import emulator as load_balancer


@dataclass(frozen=True, kw_only=True)
class Paging:
    """How a service pages."""

    size: str  # the parameter with the number of items
    marker: str  # the parameter with the place where the next page begins
    next_marker: str  # the element with that place
    item: str  # the element of one item
    smallest: int  # the least that may be asked for
    largest: int  # the most
    default: int  # what a page has where nothing is asked for
    code: str  # of the refusal of another size

    def asked(self, text: str) -> int:
        """The size of a page.

        Raises:
            ValueError: it is none that the service takes.
        """
        if not text:
            return self.default
        number = int(text) if text.isdigit() else -1
        if not self.smallest <= number <= self.largest:
            raise ValueError(
                f"Invalid value {text} for {self.size}. Must be between {self.smallest} and {self.largest}"
            )
        return number


_EC2: Final = Paging(
    size="MaxResults",
    marker="NextToken",
    next_marker="nextToken",
    item="item",
    smallest=5,
    largest=1000,
    default=1000,
    code="InvalidParameterValue",
)
_IAM: Final = Paging(
    size="MaxItems",
    marker="Marker",
    next_marker="Marker",
    item="member",
    smallest=1,
    largest=1000,
    default=100,
    code="ValidationError",
)
_RDS: Final = Paging(
    size="MaxRecords",
    marker="Marker",
    next_marker="Marker",
    item="",
    smallest=20,
    largest=100,
    default=100,
    code="InvalidParameterValue",
)
_LOAD_BALANCERS: Final = Paging(
    size="PageSize",
    marker="Marker",
    next_marker="NextMarker",
    item="member",
    smallest=1,
    largest=400,
    default=400,
    code="ValidationError",
)
# The element of the list, by operation.
_EC2_LISTS: Final = {
    "DescribeInternetGateways": "internetGatewaySet",
    "DescribeNatGateways": "natGatewaySet",
    "DescribeSecurityGroups": "securityGroupInfo",
    "DescribeSubnets": "subnetSet",
}
_IAM_LISTS: Final = {
    "ListAttachedRolePolicies": "AttachedPolicies",
    "ListRolePolicies": "PolicyNames",
    "ListRoles": "Roles",
}
_RDS_LISTS: Final = {
    "DescribeDBEngineVersions": ("DBEngineVersions", "DBEngineVersion"),
    "DescribeDBInstances": ("DBInstances", "DBInstance"),
    "DescribeDBMajorEngineVersions": ("DBMajorEngineVersions", "DBMajorEngineVersion"),
}
_LOAD_BALANCER_LISTS: Final = {
    "DescribeListeners": "Listeners",
    "DescribeLoadBalancers": "LoadBalancers",
    "DescribeRules": "Rules",
    "DescribeTargetGroups": "TargetGroups",
}

Read = Callable[[Any, str], str]
Refuse = Callable[[str, str], Response]


def install(_context: ServerContext) -> None:
    """Page them."""
    for operation, element in _EC2_LISTS.items():
        wrap_item(ec2.actions, operation, _paged(_EC2, element, _EC2.item, ec2.parameter, ec2.error))
    route_tables = replace(_EC2, largest=100, default=100)
    wrap_item(
        ec2.actions, "DescribeRouteTables", _paged(route_tables, "routeTableSet", "item", ec2.parameter, ec2.error)
    )
    for operation, element in _IAM_LISTS.items():
        wrap_item(iam.actions, operation, _paged(_IAM, element, _IAM.item, iam.parameter, _refused_by_iam))
    for operation, (element, item) in _RDS_LISTS.items():
        wrap_item(database.actions, operation, _paged(_RDS, element, item, database.parameter, _refused_by_rds))
    for operation, element in _LOAD_BALANCER_LISTS.items():
        paged = _paged(_LOAD_BALANCERS, element, "member", load_balancer.parameter, load_balancer.error)
        wrap_item(load_balancer.actions, operation, paged)


def _paged(paging: Paging, element: str, item: str, read: Read, refuse: Refuse) -> Function:
    def call(original: Function, parameters: Any) -> Response:
        try:
            size, begin = paging.asked(read(parameters, paging.size)), place(read(parameters, paging.marker))
        except ValueError as error:
            return refuse(paging.code, str(error))
        status, headers, body = original(parameters)
        if status != 200:
            return status, headers, body
        return status, headers, page(body.decode(), paging, element, item, begin, size).encode()

    return call


def _refused_by_iam(code: str, message: str) -> Response:
    return iam.error(400, code, message)


def _refused_by_rds(code: str, message: str) -> Response:
    return database.error(code, message, 400)


def page(text: str, paging: Paging, element: str, item: str, begin: int, size: int) -> str:
    """Cut a page out of an answer with all items, and say where the next one begins."""
    found = re.search(f"<{element}>(.*)</{element}>", text, re.DOTALL)
    items = _items(found.group(1), item) if found else []
    if found is None or (begin == 0 and len(items) <= size):
        return text
    shown, end = items[begin : begin + size], begin + size
    more = ""
    if end < len(items):
        more = f"<{paging.next_marker}>{token_of(end)}</{paging.next_marker}>"
        text = text.replace("<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated>")
        found = re.search(f"<{element}>(.*)</{element}>", text, re.DOTALL) or found
    return f"{text[: found.start()]}<{element}>{''.join(shown)}</{element}>{more}{text[found.end() :]}"


def _items(inner: str, item: str) -> list[str]:
    """The items of a list, whole, also where there are lists within them."""
    depth, begin, found = 0, 0, []
    for tag in re.finditer(f"<(/?){item}(?:\\s[^>]*)?(/?)>", inner):
        closing, empty = tag.groups()
        if not closing and depth == 0:
            begin = tag.start()
        depth += 0 if empty else -1 if closing else 1
        if depth == 0:
            found.append(inner[begin : tag.end()])
    return found
