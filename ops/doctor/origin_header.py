"""Whether CloudFront sends the secret header that the load balancer's rule expects. No value is ever shown."""

from collections.abc import Iterable, Mapping
from typing import Any

from installation import names
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.doctor.finding import Evidence, Notes, Remediation


def note_header(notes: Notes, aws: Aws, settings: Settings, configuration: Mapping[str, Any]) -> None:
    """Compare the distribution's header with the listeners' rules; rules without it are those of an older month."""
    expected = _expected(aws, settings)
    if not expected:
        return
    sent = set(_sent(configuration))
    if sent and sent <= expected:
        notes.healthy("CloudFront sends the header that the load balancer expects")
        return
    counted = f"{len(sent)} value(s) at the distribution, {len(sent & expected)} of them in the rules"
    seen = Evidence(names.ORIGIN_HEADER, counted)
    notes.found("origin-header-differs", evidence=(seen,), first=(_remediation(settings),))


def _remediation(settings: Settings) -> Remediation:
    if settings.lifecycles.edge_outlives_the_month:
        return Remediation(
            "end the month and start it again, so that its load balancer gets the distribution's value",
            f"hannibal stop --env {settings.environment} && hannibal start --env {settings.environment}",
        )
    return Remediation(
        "make the distribution again with this month's value; its own address changes",
        f"npx cdk destroy {names.EDGE_STACK} && hannibal start --env {settings.environment}",
    )


def _sent(configuration: Mapping[str, Any]) -> Iterable[str]:
    for origin in configuration.get("Origins", {}).get("Items", []):
        for header in origin.get("CustomHeaders", {}).get("Items", []):
            if header.get("HeaderName", "").lower() == names.ORIGIN_HEADER.lower():
                yield header.get("HeaderValue", "")


def _expected(aws: Aws, settings: Settings) -> set[str]:
    try:
        balancers = aws.elbv2.describe_load_balancers(Names=[settings.names.load_balancer])["LoadBalancers"]
    except aws.elbv2.exceptions.LoadBalancerNotFoundException:
        return set()
    found: set[str] = set()
    for balancer in balancers:
        pages = aws.elbv2.get_paginator("describe_listeners").paginate(
            LoadBalancerArn=balancer.get("LoadBalancerArn", "")
        )
        for listener in (it for page in pages for it in page["Listeners"]):
            rules = aws.elbv2.get_paginator("describe_rules").paginate(ListenerArn=listener.get("ListenerArn", ""))
            for rule in (it for page in rules for it in page["Rules"]):
                for condition in rule.get("Conditions", []):
                    header = condition.get("HttpHeaderConfig", {})
                    if header.get("HttpHeaderName", "").lower() == names.ORIGIN_HEADER.lower():
                        found.update(header.get("Values", []))
    return found
