"""The names of the emulator's CloudFront and S3 services that these extensions use, in one place.

The stores are the emulator's own dictionaries, scoped by account. Functions are looked up when they are called, because
extensions wrap them.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from botocore.parsers import create_parser
from botocore.session import get_session
from ministack.core import cloudfront_js
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import request_scope
from ministack.services import alb, cloudfront, s3
from ministack.services.cloudfront import _distributions, _oacs

from embedded_aws.core.patching import Function, wrap

Record = dict[str, Any]
Answer = tuple[int, dict[str, Any], bytes]
Predicates = tuple[Callable[[str], bool], Callable[[str], bool], Callable[[str], bool]]

module = cloudfront
distributions = _distributions
access_controls = _oacs

FunctionError = cloudfront_js.CloudFrontFunctionError
OriginUnreachable = cloudfront.OriginUnreachable
OriginTimeout = cloudfront.OriginTimeout


def scope(account: str, region: str) -> AbstractContextManager[None]:
    """Read and write the stores of one account and region."""
    manager: AbstractContextManager[None] = request_scope(account, region)
    return manager


def configuration(distribution_id: str) -> Record:
    """Give a distribution's configuration as boto3's GetDistributionConfig returns it."""
    _, _, body = cloudfront._get_distribution_config(distribution_id)  # noqa: SLF001
    parsed = create_parser("rest-xml").parse({"body": body, "headers": {}, "status_code": 200}, _configuration_shape())
    configuration: Record = parsed["DistributionConfig"]
    return configuration


@lru_cache(maxsize=1)
def _configuration_shape() -> Any:
    return get_session().get_service_model("cloudfront").operation_model("GetDistributionConfig").output_shape


def routing(record: Record) -> Record:
    """Give a distribution's origins and behaviours as the emulator's own request handling reads them."""
    parsed: Record = cloudfront.parse_distribution_dataplane_config(record)
    return parsed


def match_behaviour(parsed: Record, path: str) -> Record:
    """Give the behaviour of the first path pattern that matches, or the default one."""
    behaviour: Record = cloudfront._match_behavior(parsed, path)  # noqa: SLF001
    return behaviour


def cache_policy(policy_id: str) -> Record | None:
    """Give the configuration of a cache policy, AWS's own ones included."""
    policy = cloudfront._cache_policies.get(policy_id) or cloudfront._MANAGED_CACHE_POLICIES.get(policy_id)  # noqa: SLF001
    return policy["Config"] if policy else None


def origin_request_policy(policy_id: str | None) -> Record | None:
    """Give the configuration of an origin request policy, AWS's own ones included."""
    found: Record | None = cloudfront.origin_request_policy_config(policy_id) if policy_id else None
    return found


def forwarded(behaviour: Record) -> Predicates:
    """Say which headers, cookies and query parameters of a viewer reach the origin."""
    predicates: Predicates = cloudfront._forwarding_predicates(behaviour)  # noqa: SLF001
    return predicates


def in_cache_key(behaviour: Record) -> Predicates:
    """Say which headers, cookies and query parameters of a viewer an answer is cached by."""
    return forwarded({**behaviour, "origin_request_policy_id": None})


def apply_response_headers_policy(behaviour: Record, headers: Record, origin: str, method: str) -> Record:
    """Give the headers of an answer as the behaviour's policy changes them."""
    policy = cloudfront.response_headers_policy_config(behaviour.get("response_headers_policy_id"))
    changed: Record = cloudfront._apply_response_headers_policy(headers, policy, origin, method)  # noqa: SLF001
    return changed


def error_page(status: int, explanation: str, x_cache: str = "Error from cloudfront") -> Answer:
    """Compose CloudFront's own page for an error."""
    answer: Answer = cloudfront._cf_error_response(status, explanation, x_cache)  # noqa: SLF001
    return answer


def add_edge_headers(headers: Record, x_cache: str) -> Record:
    """Give the headers of an answer with those that CloudFront adds to each."""
    with_more: Record = cloudfront._add_cloudfront_headers(headers, x_cache, edge_server=False)  # noqa: SLF001
    return with_more


def title_case(headers: Record) -> Record:
    """Give headers with their names written as CloudFront writes them."""
    rendered: Record = cloudfront._render_headers(headers, title_case=True)  # noqa: SLF001
    return rendered


def without_hop_by_hop(headers: Record) -> Record:
    """Give the headers of an origin's answer without those that are about its connection."""
    kept: Record = cloudfront._strip_hop_by_hop_response_headers(headers)  # noqa: SLF001
    return kept


def by_name(pairs: Any) -> Record:
    """Give headers by lower-case name; a name that comes twice has a list."""
    found: Record = cloudfront._multidict_from_pairs(pairs)  # noqa: SLF001
    return found


def cookies(header: str) -> dict[str, Record]:
    """Read a Cookie header as a function's event has it."""
    found: dict[str, Record] = cloudfront._event_cookies_from_header(header)  # noqa: SLF001
    return found


def function_event(kind: str, distribution: Record, request: Record, client: str) -> Record:
    """Compose the event of a viewer function."""
    event: Record = cloudfront._build_function_event(  # noqa: SLF001
        kind,
        distribution["Id"],
        distribution["DomainName"],
        cloudfront.new_uuid(),
        request["method"],
        request["uri"],
        request["query"],
        request["headers"],
        client,
    )
    return event


def response_event(status: int, headers: Record) -> Record:
    """Compose the response in the event of a viewer-response function."""
    reason = cloudfront.http.client.responses.get(status, "")
    event: Record = cloudfront._response_event_fields(status, reason, headers)  # noqa: SLF001
    return event


def headers_from_event(before: Record | None, returned: Record | None) -> Record:
    """Give the headers that a function returned, by lower-case name."""
    merged: Record = cloudfront._merge_function_headers(before, returned)  # noqa: SLF001
    return merged


def set_cookies_from_event(returned: Record | None) -> list[str]:
    """Give the Set-Cookie lines that a function returned."""
    lines: list[str] = cloudfront._set_cookie_values_from_event(returned)  # noqa: SLF001
    return lines


def body_from_event(response: Record, otherwise: bytes) -> bytes:
    """Give the body that a function returned, or another one where it returned none."""
    body: bytes = cloudfront._body_from_response_event(response, otherwise)  # noqa: SLF001
    return body


def published_code(function_arn: str) -> bytes | None:
    """Give the published code of a viewer function."""
    code: bytes | None = cloudfront.live_function_code(function_arn)
    return code


async def run_javascript(code: bytes, event: Record) -> Any:
    """Run a viewer function's handler in Node and give what it returned.

    Raises:
        FunctionError: it threw, took too long, or cannot be run.
    """
    return await asyncio.to_thread(cloudfront_js.evaluate, code, event)


def origin_headers(origin: Record, headers: Record, client: str, forwarded_for: str) -> dict[str, str]:
    """Compose the headers that a custom origin gets: its own ones, Host, Via, X-Forwarded-For."""
    composed: dict[str, str] = cloudfront._origin_request_headers(origin, headers, client, forwarded_for)  # noqa: SLF001
    return composed


def origin_port(origin: Record) -> int:
    """Give the port of a custom origin for a viewer that came by HTTPS."""
    _, port, _ = cloudfront._origin_connect_target(origin, True)  # noqa: SLF001
    number: int = port
    return number


async def fetch_from_elsewhere(
    origin: Record, method: str, uri: str, query: str, headers: Record, body: bytes, client: str
) -> Answer:
    """Ask an origin that is neither a bucket nor a load balancer of this machine.

    Raises:
        OriginUnreachable: it cannot be reached.
        OriginTimeout: it does not answer in time.
    """
    forwarded_for = headers.pop("x-forwarded-for", "")
    status, _, found, content = await cloudfront._fetch_from_origin(  # noqa: SLF001
        origin, method, uri, query, headers, body, True, client, forwarded_for, ""
    )
    return status, found, content


def load_balancer_at(host: str) -> Record | None:
    """Give the load balancer of a DNS name."""
    found: Record | None = alb.find_lb_for_host(host)
    return found


def bucket_policy_allows(bucket: str, action: str, resource: str, distribution_arn: str | None) -> bool:
    """Say whether a bucket's policy allows a request of CloudFront's.

    Args:
        bucket: its name.
        action: such as ``s3:GetObject``.
        resource: ARN of an object or of the bucket.
        distribution_arn: the distribution that signs with its origin access control; none for a request of nobody's.
    """
    policy = s3._bucket_policies.get(bucket)  # noqa: SLF001
    if not policy:
        return False
    context = EvalContext(
        principal_arn="*",
        principal_type="Service" if distribution_arn else "Anonymous",
        principal_account="",
        action=action,
        resource_arn=resource,
        region="",
        secure_transport=True,
        # What S3 gives for a request of CloudFront's; the account is not among what AWS documents for it.
        service_context={"s3:tlsversion": "1.3"} | ({"aws:sourcearn": distribution_arn} if distribution_arn else {}),
    )
    service = "cloudfront.amazonaws.com" if distribution_arn else None
    evaluated = evaluate_resource_policy(policy, context, service=service)
    return bool(evaluated.decision == "Allow")


def get_object(bucket: str, key: str, method: str, headers: Record) -> Answer | None:
    """Answer GET or HEAD for an object; none where there is no such object.

    Raises:
        LookupError: there is no such bucket.
    """
    record = s3._buckets.get(bucket)  # noqa: SLF001
    if record is None:
        raise LookupError(bucket)
    if key not in record["objects"]:
        return None
    if method == "HEAD":
        status, found, _ = s3._head_object(bucket, key, headers, {})  # noqa: SLF001
        return status, found, b""
    answer: Answer = s3._get_object(bucket, key, headers, {})  # noqa: SLF001
    return answer


def s3_error(code: str, message: str, status: int, resource: str) -> Answer:
    """Compose S3's answer to a request that failed."""
    answer: Answer = s3._error(code, message, status, resource)  # noqa: SLF001
    return answer


def newest_invalidation(distribution_id: str) -> list[str]:
    """Give the paths of the invalidation that was ordered last."""
    paths: list[str] = cloudfront._invalidations[distribution_id][-1]["InvalidationBatch"]["Paths"]["Items"]  # noqa: SLF001
    return paths


def wrap_invalidation(wrapper: Function) -> None:
    """Wrap what answers CreateInvalidation."""
    wrap(cloudfront, "_create_invalidation", wrapper)
