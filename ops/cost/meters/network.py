"""Meters of network, load balancer, distribution and hosted zone."""

from collections.abc import Iterator
from typing import Final

from ops.cost.meters.meter import Charge, Meter, Month, NotPricedError, monthly_meter
from ops.templates.template import Resource


def _load_balancer(balancer: Resource, month: Month) -> Iterator[Charge]:
    if balancer.text("Type", "application") != "application":
        raise NotPricedError("only application load balancers have a price here")
    hours = month.hours(balancer.lifecycle)
    yield Charge(price="load_balancer.hour", quantity=hours)
    # Of the four dimensions of a capacity unit, bytes are the largest for an API of this size: one GB per hour.
    yield Charge(price="load_balancer.lcu", quantity=month.usage.load_balancer_gb.value * month.up)
    if balancer.text("Scheme", "internet-facing") == "internet-facing":
        zones = len(balancer.items("Subnets")) or len(balancer.items("SubnetMappings"))
        yield Charge(price="public_ipv4.hour", quantity=zones * hours, detail=f"one in each of {zones} zones")


def _nat_gateway(gateway: Resource, month: Month) -> Iterator[Charge]:
    yield Charge(price="nat.hour", quantity=month.hours(gateway.lifecycle))
    yield Charge(price="nat.gb", quantity=month.usage.nat_gb.value * month.up)


def _address(address: Resource, month: Month) -> Iterator[Charge]:
    yield Charge(price="public_ipv4.hour", quantity=month.hours(address.lifecycle))


def _endpoint(endpoint: Resource, month: Month) -> Iterator[Charge]:
    if endpoint.text("VpcEndpointType", "Gateway") == "Gateway":
        return  # gateway endpoints are free (VPC documentation, gateway endpoints)
    zones = len(endpoint.items("SubnetIds"))
    yield Charge(
        price="interface_endpoint.hour", quantity=zones * month.hours(endpoint.lifecycle), detail=f"in {zones} zones"
    )
    yield Charge(price="interface_endpoint.gb", quantity=month.usage.nat_gb.value * month.up)


def _distribution(_distribution: Resource, month: Month) -> Iterator[Charge]:
    yield Charge(price="cloudfront.gb", quantity=month.usage.cdn_gb.value * month.up)
    yield Charge(price="cloudfront.requests", quantity=month.usage.cdn_requests.value / 10_000 * month.up)


METERS: Final[dict[str, Meter]] = {
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::EC2::EIP": _address,
    "AWS::EC2::NatGateway": _nat_gateway,
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _load_balancer,
    "AWS::Route53::HostedZone": monthly_meter("route53.zone"),
}
