"""CloudFront's cache: finds the distribution, lists and creates invalidations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import uuid4

from installation.names import DISTRIBUTION_OUTPUT, EDGE_STACK
from ops.aws.clients import Aws
from ops.aws.polling import wait_at_most
from ops.errors import FailedError, RefusedError, UnusableInputError
from ops.stacks.state import read_stack

if TYPE_CHECKING:
    from mypy_boto3_cloudfront.type_defs import InvalidationSummaryTypeDef, InvalidationTypeDef

# One path, so it counts as one of the thousand per month that are free (CloudFront pricing, invalidation requests).
EVERYTHING = ("/*",)
# RFC 1738, 2.2, "Unsafe", except the tilde, which is safe since RFC 3986, and %, which begins an encoded character.
_UNSAFE = frozenset(' <>"#{}|\\^[]`')
_SAFE = "/*%?&=+@~:;,.!$'()-_"
_MOST_SECONDS = 1800.0


@dataclass(frozen=True, kw_only=True)
class Invalidation:
    """One invalidation."""

    invalidation_id: str  # its id
    status: str  # ``InProgress`` or ``Completed``
    created: datetime  # when it was requested; everything that was cached earlier is fetched again


def find_distribution(aws: Aws) -> str:
    """Id of the month's distribution, as EdgeStack prints it; RefusedError where there is none."""
    stack = read_stack(aws, EDGE_STACK)
    distribution = stack.output(DISTRIBUTION_OUTPUT) if stack else None
    if distribution is None:
        raise RefusedError(
            f"there is no distribution: {EDGE_STACK} is {stack.status if stack else 'not deployed'}",
            "Start the month: `hannibal start`",
        )
    return distribution


def read_invalidations(aws: Aws, distribution: str) -> tuple[Invalidation, ...]:
    """All invalidations that CloudFront lists, the newest first."""
    pages = aws.cloudfront.get_paginator("list_invalidations").paginate(DistributionId=distribution)
    found = [_invalidation(item) for page in pages for item in page["InvalidationList"].get("Items", [])]
    return tuple(sorted(found, key=lambda one: one.created, reverse=True))


def read_paths(aws: Aws, distribution: str, invalidation_id: str) -> tuple[str, ...]:
    """The paths of an invalidation, which the list does not have."""
    answer = aws.cloudfront.get_invalidation(DistributionId=distribution, Id=invalidation_id)["Invalidation"]
    return tuple(answer["InvalidationBatch"]["Paths"].get("Items", []))


def covers(paths: Sequence[str], key: str) -> bool:
    """Whether paths cover an object; a star at the end of a path matches any end."""
    address = f"/{key}"
    return any(address.startswith(path[:-1]) if path.endswith("*") else address == path for path in paths)


def invalid_path_reason(path: str) -> str | None:
    """Why CloudFront cannot invalidate a path; None if it can.

    A star is a wildcard only at the end, and characters that a URL must encode are refused (CloudFront developer
    guide, "What you need to know when invalidating files").
    """
    if not path.startswith("/"):
        return "must begin with /"
    if "*" in path[:-1]:
        return "has a * that is not its last character, where it stands for itself"
    if any(letter in _UNSAFE or not letter.isprintable() or not letter.isascii() for letter in path):
        return f"must be written as in a URL: {quote(path, safe=_SAFE)}"
    return None


def invalidate(aws: Aws, distribution: str, paths: Sequence[str]) -> Invalidation:
    """Invalidate paths; UnusableInputError for one that CloudFront would refuse, or that would match nothing."""
    for path in paths:
        if reason := invalid_path_reason(path):
            raise UnusableInputError(f"{path!r} {reason}", "Such as: `hannibal invalidate '/assets/*'`")
    answer = aws.cloudfront.create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "Paths": {"Quantity": len(paths), "Items": list(paths)},
            "CallerReference": f"hannibal-{uuid4()}",
        },
    )
    return _invalidation(answer["Invalidation"])


def wait_until_completed(aws: Aws, distribution: str, invalidation: Invalidation) -> Invalidation:
    """Wait until an invalidation has reached all edge locations; FailedError after half an hour."""
    if invalidation.status == "Completed":
        return invalidation

    def completed() -> Invalidation | None:
        answer = aws.cloudfront.get_invalidation(DistributionId=distribution, Id=invalidation.invalidation_id)
        current = _invalidation(answer["Invalidation"])
        return current if current.status == "Completed" else None

    current = wait_at_most(_MOST_SECONDS, completed, aws.polling)
    if current is None:
        raise FailedError(
            f"invalidation {invalidation.invalidation_id} has not completed after {_MOST_SECONDS / 60:g} minutes",
            "It goes on by itself: `hannibal doctor edge`",
        )
    return current


def _invalidation(described: "InvalidationSummaryTypeDef | InvalidationTypeDef") -> Invalidation:
    return Invalidation(invalidation_id=described["Id"], status=described["Status"], created=described["CreateTime"])
