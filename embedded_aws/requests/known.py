"""Whether things named in a template or a request exist, by the kinds in the rules."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region

from embedded_aws.aws_lambda import emulator as aws_lambda
from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.cloudfront import emulator as cloudfront
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.eventbridge import emulator as eventbridge
from embedded_aws.iam import emulator as iam
from embedded_aws.iam.refusals import is_known
from embedded_aws.iam.trust import trusts
from embedded_aws.requests import property_rules
from embedded_aws.requests.known_to_requests import OF_REQUESTS
from embedded_aws.s3 import emulator as s3
from embedded_aws.scheduler import emulator as scheduler
from embedded_aws.sns import emulator as sns

_DEFAULT: Final = "default"


def _is_foreign(arn: str) -> bool:
    """Whether an ARN is of another account or region, which cannot be looked up here."""
    parts = arn.split(":")
    return len(parts) > 5 and (parts[3] not in ("", get_region()) or parts[4] not in ("", get_account_id()))


def _exists_in(*stores: Collection[Any]) -> Callable[[str], bool]:
    return lambda name: any(name in store for store in stores)


def _is_called_by_s3(arn: str) -> bool:
    function = aws_lambda.functions.get(_function_name(arn)) or {}
    return any("s3.amazonaws.com" in str(it.get("Principal")) for it in function.get("policy", {}).get("Statement", ()))


def _function_name(name: str) -> str:
    """The function's name in a name or an ARN, with or without a version."""
    return (name.partition(":function:")[2] or name).partition(":")[0]


def _trusting(service: str, *, missing: bool = False) -> Callable[[str], bool]:
    """Whether a role trusts a service; roles of other accounts cannot be looked up here and are accepted."""

    def is_trusted(arn: str) -> bool:
        found = trusts(arn, service) if f"::{get_account_id()}:" in arn else True
        return missing if found is None else found

    return is_trusted


KNOWN: Final[property_rules.Known] = {
    **OF_REQUESTS,
    "access control": lambda name: not name or name in cloudfront.access_controls,
    "availability zone": lambda name: name.startswith(get_region()) and len(name) > len(get_region()),
    "bucket": _exists_in(s3.buckets),
    "cache policy": _exists_in(*cloudfront.cache_policies),
    "certificate": _exists_in(cloudformation.certificates),
    "event bus": lambda name: _is_foreign(name) or name.rpartition("/")[2] in (_DEFAULT, *eventbridge.buses),
    "function": lambda name: _is_foreign(name) or _function_name(name) in aws_lambda.functions,
    "function that S3 may call": _is_called_by_s3,
    "headers policy": _exists_in(*cloudfront.headers_policies),
    "hosted zone": _exists_in(cloudformation.hosted_zones),
    "managed policy": is_known,
    "origin request policy": _exists_in(*cloudfront.origin_request_policies),
    "role": _exists_in(iam.roles),
    "role of Lambda": _trusting("lambda.amazonaws.com"),
    # Calls of tests and examples name roles that do not exist; such a function fails only when it runs.
    "role of Lambda where there is one": _trusting("lambda.amazonaws.com", missing=True),
    "role of Scheduler": _trusting("scheduler.amazonaws.com"),
    "schedule group": lambda name: name in (_DEFAULT, *scheduler.groups),
    "subnet": _exists_in(ec2.subnets),
    "topic": lambda arn: _is_foreign(arn) or arn in sns.topics,
    "viewer function": lambda arn: arn.rpartition("/")[2] in cloudfront.functions,
    "vpc": _exists_in(ec2.vpcs),
}


def check(name: str, given: Mapping[str, Any]) -> None:
    """Refuse a resource type's properties or an operation's request by its rules.

    Raises:
        Refusal: for the first violated rule.
    """
    property_rules.check(name, given, KNOWN)
