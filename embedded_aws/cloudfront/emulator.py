"""What is used of the emulator's CloudFront, under plain names (see ``EmulatorFunction``)."""

import asyncio
from collections.abc import Callable
from typing import Any

from botocore.parsers import create_parser
from ministack.core import cloudfront_js
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.services import acm, alb, cloudfront, route53

from embedded_aws.core.models import service_model
from embedded_aws.core.patching import EmulatorFunction
from embedded_aws.s3 import emulator as s3

Record = dict[str, Any]
Answer = tuple[int, dict[str, Any], bytes]
Predicates = tuple[Callable[[str], bool], Callable[[str], bool], Callable[[str], bool]]

distributions = cloudfront._distributions
access_controls = cloudfront._oacs
functions = cloudfront._functions
# The account's own ones, and those that AWS manages.
cache_policies = (cloudfront._cache_policies, cloudfront._MANAGED_CACHE_POLICIES)
origin_request_policies = (cloudfront._origin_request_policies, cloudfront._MANAGED_ORIGIN_REQUEST_POLICIES)
headers_policies = (cloudfront._response_headers_policies, cloudfront._MANAGED_RESPONSE_HEADERS_POLICIES)

FunctionError = cloudfront_js.CloudFrontFunctionError
OriginUnreachable = cloudfront.OriginUnreachable
OriginTimeout = cloudfront.OriginTimeout

# Give the behaviour of the first path pattern that matches, or the default one.
match_behaviour = EmulatorFunction[Record](cloudfront, "_match_behavior")
# Say which headers, cookies and query parameters of a viewer reach the origin.
forwarded = EmulatorFunction[Predicates](cloudfront, "_forwarding_predicates")
# Give the headers of an origin's answer without those that are about its connection.
without_hop_by_hop = EmulatorFunction[Record](cloudfront, "_strip_hop_by_hop_response_headers")
# Give headers by lower-case name; a name that comes twice has a list.
by_name = EmulatorFunction[Record](cloudfront, "_multidict_from_pairs")
# Read a Cookie header as a function's event has it.
cookies = EmulatorFunction[dict[str, Record]](cloudfront, "_event_cookies_from_header")
# What a function returned: headers by lower-case name, lines of Set-Cookie, and the body, or another without one.
headers_from_event = EmulatorFunction[Record](cloudfront, "_merge_function_headers")
set_cookies_from_event = EmulatorFunction[list[str]](cloudfront, "_set_cookie_values_from_event")
body_from_event = EmulatorFunction[bytes](cloudfront, "_body_from_response_event")
# Compose the headers that a custom origin gets: its own ones, Host, Via, X-Forwarded-For.
origin_headers = EmulatorFunction[dict[str, str]](cloudfront, "_origin_request_headers")
routing = EmulatorFunction[Record](cloudfront, "parse_distribution_dataplane_config")  # Origins and behaviours
published_code = EmulatorFunction[bytes | None](cloudfront, "live_function_code")  # Of a viewer function
# Give the configuration of an origin request policy, AWS's own ones included.
origin_request_policy = EmulatorFunction[Record | None](cloudfront, "origin_request_policy_config")
error_page = EmulatorFunction[Answer](cloudfront, "_cf_error_response")  # CloudFront's own page for an error
add_edge_headers = EmulatorFunction[Record](cloudfront, "_add_cloudfront_headers")  # Those of each answer
render_headers = EmulatorFunction[Record](cloudfront, "_render_headers")  # With names as CloudFront writes them
response_event = EmulatorFunction[Record](cloudfront, "_response_event_fields")  # Of a viewer-response function
load_balancer_at = EmulatorFunction[Record | None](alb, "find_lb_for_host")  # By DNS name
create_invalidation = EmulatorFunction[Answer](cloudfront, "_create_invalidation")


def configuration(distribution_id: str) -> Record:
    """Give a distribution's configuration as boto3's GetDistributionConfig returns it."""
    _, _, body = cloudfront._get_distribution_config(distribution_id)
    shape: Any = service_model("cloudfront").operation_model("GetDistributionConfig").output_shape
    parsed = create_parser("rest-xml").parse({"body": body, "headers": {}, "status_code": 200}, shape)
    configuration: Record = parsed["DistributionConfig"]
    return configuration


def cache_policy(policy_id: str) -> Record | None:
    """Give the configuration of a cache policy, AWS's own ones included."""
    policy = cloudfront._cache_policies.get(policy_id) or cloudfront._MANAGED_CACHE_POLICIES.get(policy_id)
    return policy["Config"] if policy else None


def in_cache_key(behaviour: Record) -> Predicates:
    """Say which headers, cookies and query parameters of a viewer an answer is cached by."""
    return forwarded({**behaviour, "origin_request_policy_id": None})


def apply_response_headers_policy(behaviour: Record, headers: Record, origin: str, method: str) -> Record:
    """Give the headers of an answer as the behaviour's policy changes them."""
    policy = cloudfront.response_headers_policy_config(behaviour.get("response_headers_policy_id"))
    changed: Record = cloudfront._apply_response_headers_policy(headers, policy, origin, method)
    return changed


def function_event(kind: str, distribution: Record, *request: Any) -> Record:
    """Compose the event of a viewer function; of the request it takes method, path, query, headers and client."""
    event: Record = cloudfront._build_function_event(
        kind, distribution["Id"], distribution["DomainName"], cloudfront.new_uuid(), *request
    )
    return event


async def run_javascript(code: bytes, event: Record) -> Any:
    """Run a viewer function's handler in Node. Raises FunctionError: it threw, took too long, or cannot be run."""
    return await asyncio.to_thread(cloudfront_js.evaluate, code, event)


def origin_port(origin: Record) -> int:
    """Give the port of a custom origin for a viewer that came by HTTPS."""
    return int(cloudfront._origin_connect_target(origin, True)[1])


async def fetch_custom_origin(
    origin: Record, method: str, uri: str, query: str, headers: Record, body: bytes, client: str
) -> Answer:
    """Ask an origin that is neither a bucket nor a load balancer of this machine.

    Raises:
        OriginUnreachable: it cannot be reached.
        OriginTimeout: it does not answer in time.
    """
    forwarded_for = headers.pop("x-forwarded-for", "")
    status, _, found, content = await cloudfront._fetch_from_origin(
        origin, method, uri, query, headers, body, True, client, forwarded_for, ""
    )
    return status, found, content


def addresses_of(name: str) -> list[str] | None:
    """Give the targets of a name's A and CNAME records in the most specific public hosted zone; none without one."""
    full_name = route53._normalise_name(name)
    zones = [
        zone
        for zone in list(route53._zones.values())
        if not zone.get("private") and (full_name == zone["name"] or full_name.endswith(f".{zone['name']}"))
    ]
    if not zones:
        return None
    zone = max(zones, key=lambda one: len(one["name"]))
    return [
        target.rstrip(".")
        for record in list(route53._records.get(zone["id"], []))
        if record["Name"] == full_name and record["Type"] in ("A", "CNAME")
        for target in (
            [record["AliasTarget"]["DNSName"]] if "AliasTarget" in record else record.get("ResourceRecords", [])
        )
    ]


def certified_names(certificate_arn: str) -> list[str]:
    """Give the names that a certificate of this account's ACM is for; empty where there is none."""
    certificate = acm._certificates.get(certificate_arn)
    return list(certificate["SubjectAlternativeNames"]) if certificate else []


def bucket_policy_allows(bucket: str, action: str, resource: str, distribution_arn: str | None) -> bool:
    """Say whether a bucket's policy allows a request that a distribution signs, or an unsigned one."""
    policy = s3.bucket_policies.get(bucket)
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
        # Condition keys of a request from CloudFront; AWS does not document aws:SourceAccount for it.
        service_context={"s3:tlsversion": "1.3"} | ({"aws:sourcearn": distribution_arn} if distribution_arn else {}),
    )
    service = "cloudfront.amazonaws.com" if distribution_arn else None
    evaluated = evaluate_resource_policy(policy, context, service=service)
    return bool(evaluated.decision == "Allow")


def get_object(bucket: str, key: str, method: str, headers: Record) -> Answer | None:
    """Answer GET or HEAD for an object, if there is such an object. Raises LookupError: there is no such bucket."""
    record = s3.buckets.get(bucket)
    if record is None:
        raise LookupError(bucket)
    if key not in record["objects"]:
        return None
    if method == "HEAD":
        status, found, _ = s3.head_object(bucket, key, headers, {})
        return status, found, b""
    return s3.get_object(bucket, key, headers, {})


def newest_invalidation(distribution_id: str) -> list[str]:
    """Give the paths of the invalidation that was created last."""
    return list(cloudfront._invalidations[distribution_id][-1]["InvalidationBatch"]["Paths"]["Items"])
