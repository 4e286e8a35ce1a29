"""Whether CloudFront sends the secret header that the load balancer's rule expects. Its value is never shown."""

from collections.abc import Iterable, Mapping
from typing import Any

from installation.names import EDGE_STACK, ORIGIN_HEADER
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence, Remediation
from ops.service.load_balancer import describe_listeners, describe_load_balancer


def note_header(examiner: Examiner, configuration: Mapping[str, Any]) -> None:
    """Compare the distribution's header with the listeners' rules; rules without a header are from an older month."""
    expected = _expected(examiner.aws)
    if not expected:
        return
    sent = set(_origin_header_values(configuration))
    if sent and sent <= expected:
        examiner.healthy("CloudFront sends the header that the load balancer expects")
        return
    counted = f"{len(sent)} value(s) at the distribution, {len(sent & expected)} of them in the rules"
    seen = Evidence(ORIGIN_HEADER, counted)
    examiner.add_finding("origin-header-differs", seen, first=(_remediation(examiner.settings),))


def _remediation(settings: Settings) -> Remediation:
    if settings.lifecycles.edge_outlives_the_month:
        return Remediation(
            "end the month and start it again, so that its load balancer gets the distribution's value",
            f"hannibal stop --env {settings.environment} && hannibal start --env {settings.environment}",
        )
    return Remediation(
        "make the distribution again with this month's value; its own address changes",
        f"npx cdk destroy {EDGE_STACK} && hannibal start --env {settings.environment}",
    )


def _origin_header_values(configuration: Mapping[str, Any]) -> Iterable[str]:
    for origin in configuration.get("Origins", {}).get("Items", []):
        for header in origin.get("CustomHeaders", {}).get("Items", []):
            if header.get("HeaderName", "").lower() == ORIGIN_HEADER.lower():
                yield header.get("HeaderValue", "")


def _expected(aws: Aws) -> set[str]:
    balancer = describe_load_balancer(aws)
    listeners = describe_listeners(aws, balancer) if balancer else ()
    conditions = (it for _, rules in listeners for rule in rules for it in rule.get("Conditions", []))
    headers = [it.get("HttpHeaderConfig", {}) for it in conditions]
    return {
        value
        for header in headers
        if header.get("HttpHeaderName", "").lower() == ORIGIN_HEADER.lower()
        for value in header.get("Values", [])
    }
