"""The target of publications: the frontend's bucket, and the month's distribution."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from installation.names import ARTIFACT_STACK, DISTRIBUTION_OUTPUT, EDGE_STACK
from ops.account.caller import Caller, checked_caller
from ops.aws.clients import Aws
from ops.aws.errors import ignoring, status_of
from ops.errors import RefusedError
from ops.frontend.invalidation import invalidate
from ops.frontend.publication import Publication
from ops.stacks.state import how_to_recreate, read_output

_NOT_FOUND: Final = 404

Observer = Callable[[int, int, str], None]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Bucket and distribution of publications."""

    caller: Caller  # the caller
    bucket: str  # the frontend's bucket
    distribution: str | None  # id of the month's distribution; None while there is none


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of a publication or rollback."""

    publication: Publication  # the current publication
    sent: int  # number of sent or copied files
    removed: int  # number of deleted files
    invalidation: str | None  # id of CloudFront's invalidation; None where nothing had to be invalidated


def read_target(aws: Aws) -> Target:
    """Find bucket and distribution; RefusedError where there is no bucket yet or any more, or in another account."""
    caller = checked_caller(aws)
    bucket = aws.names.frontend_bucket(caller.account)
    try:
        aws.s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if status_of(error) != _NOT_FOUND:
            raise
        raise RefusedError(f"there is no bucket {bucket}", how_to_recreate(aws, ARTIFACT_STACK)) from error
    distribution = read_output(aws, EDGE_STACK, DISTRIBUTION_OUTPUT)
    return Target(caller=caller, bucket=bucket, distribution=distribution)


def invalidate_paths(aws: Aws, target: Target, paths: Sequence[str]) -> str | None:
    """Invalidate paths, if there are any and there is a distribution; a deleted one has no cache."""
    if paths and target.distribution is not None:
        with ignoring("NoSuchDistribution"):
            return invalidate(aws, target.distribution, paths).invalidation_id
    return None
