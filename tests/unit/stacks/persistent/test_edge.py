"""With a hosted zone: an origin with a name of its own, an edge that outlives the month, and TLS between them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from installation import names
from installation.settings import Settings
from ops.month.start_time import start_time
from ops.templates.assembly import read_assembly
from tests.conftest import Template
from tests.support.edge_stack import ORIGIN_CERTIFICATE
from tests.support.synthesis import changed
from tests.support.zone import ORIGIN, ZONE, with_zone

Resource = dict[str, Any]


@pytest.fixture
def zone(templates: Callable[[str], dict[str, Template]]) -> dict[str, Template]:
    return templates("zone")


def of_type(template: Template, kind: str) -> list[Resource]:
    return [one["Properties"] for one in template["Resources"].values() if one["Type"] == kind]


def one(template: Template, kind: str) -> Resource:
    (found,) = of_type(template, kind)
    return found


def distribution(zone: dict[str, Template]) -> Resource:
    found: Resource = one(zone[names.EDGE_STACK], "AWS::CloudFront::Distribution")["DistributionConfig"]
    return found


def test_the_edge_refers_to_nothing_that_is_destroyed(zone: dict[str, Template]) -> None:
    text = json.dumps(zone[names.EDGE_STACK])
    for stack in (names.STORAGE_STACK, names.COMPUTE_STACK):
        assert stack not in text


def test_the_distribution_asks_for_the_origins_name_by_tls(zone: dict[str, Template]) -> None:
    behaviour = distribution(zone)["CacheBehaviors"][0]
    (origin,) = [it for it in distribution(zone)["Origins"] if it["Id"] == behaviour["TargetOriginId"]]
    assert origin["DomainName"] == ORIGIN
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert origin["CustomOriginConfig"]["OriginReadTimeout"] == 65  # longer than the load balancer's 60 seconds
    (header,) = origin["OriginCustomHeaders"]
    assert header["HeaderName"] == names.ORIGIN_HEADER
    assert "resolve:secretsmanager" in json.dumps(header["HeaderValue"])


def test_the_certificate_is_for_that_name_only_and_proved_by_the_zone(zone: dict[str, Template]) -> None:
    certificate = one(zone[names.EDGE_STACK], "AWS::CertificateManager::Certificate")
    assert (certificate["DomainName"], certificate["ValidationMethod"]) == (ORIGIN, "DNS")
    assert certificate["DomainValidationOptions"] == [{"DomainName": ORIGIN, "HostedZoneId": ZONE}]
    assert "SubjectAlternativeNames" not in certificate


def test_the_months_load_balancer_takes_the_name_the_certificate_and_the_header(zone: dict[str, Template]) -> None:
    storage, compute = zone[names.STORAGE_STACK], zone[names.COMPUTE_STACK]
    record = one(storage, "AWS::Route53::RecordSet")
    assert (record["Name"], record["Type"], record["HostedZoneId"]) == (ORIGIN, "A", ZONE)
    assert "ResourceRecords" not in record
    listeners = of_type(storage, "AWS::ElasticLoadBalancingV2::Listener")
    secured = [it for it in listeners if it["Protocol"] == "HTTPS"]
    assert {it["Port"] for it in secured} == {443, 9000}
    for listener in secured:
        (certificate,) = listener["Certificates"]
        assert certificate["CertificateArn"]["Fn::GetStackOutput"]["StackName"] == names.EDGE_STACK
    assert not of_type(compute, "AWS::SecretsManager::Secret")
    assert names.ORIGIN_HEADER_OUTPUT in compute["Outputs"]


def test_the_probe_of_releases_asks_by_the_certified_name(zone: dict[str, Template]) -> None:
    functions = of_type(zone[names.COMPUTE_STACK], "AWS::Lambda::Function")
    environments = [it.get("Environment", {}).get("Variables", {}) for it in functions]
    (variables,) = [it for it in environments if "HOST" in it]
    assert (variables["HOST"], variables["TLS"]) == (ORIGIN, "true")


def test_pages_come_from_below_the_prefix_first(zone: dict[str, Template]) -> None:
    configuration = distribution(zone)
    (group,) = configuration["OriginGroups"]["Items"]
    assert configuration["DefaultCacheBehavior"]["TargetOriginId"] == group["Id"]
    first, second = [
        next(it for it in configuration["Origins"] if it["Id"] == member["OriginId"])
        for member in group["Members"]["Items"]
    ]
    assert (first["OriginPath"], second.get("OriginPath", "")) == ("/.stopped", "")
    assert {404, 403} <= set(group["FailoverCriteria"]["StatusCodes"]["Items"])
    # CloudFront refuses an origin group for a behaviour that allows more.
    assert configuration["DefaultCacheBehavior"]["AllowedMethods"] == ["GET", "HEAD"]
    for behaviour in configuration["CacheBehaviors"]:
        assert behaviour["TargetOriginId"] != group["Id"]


def test_the_page_goes_when_the_service_runs_and_comes_before_it_ends(zone: dict[str, Template]) -> None:
    resources = zone[names.COMPUTE_STACK]["Resources"]
    (page,) = [it for it in resources.values() if it["Type"] == "Custom::StoppedPage"]
    (service,) = [key for key, it in resources.items() if it["Type"] == "AWS::ECS::Service"]
    assert service in page["DependsOn"]
    assert page["Properties"]["Key"].startswith(names.STOPPED_PREFIX)


def test_a_certificate_of_ones_own_is_used_in_its_place(settings: Settings) -> None:
    own = changed(with_zone(settings), load_balancer={"certificate_arn": ORIGIN_CERTIFICATE})
    assert own.encrypts_origin
    assert own.lifecycles.of(names.EDGE_STACK) == "persistent"


def test_without_a_zone_the_edge_lives_for_a_month(settings: Settings) -> None:
    assert settings.lifecycles.of(names.EDGE_STACK) == "ephemeral"
    assert settings.lifecycles.all == names.ALL_STACKS
    assert set(with_zone(settings).lifecycles.all) == set(names.ALL_STACKS)
    assert not settings.encrypts_origin


def test_the_edge_is_not_on_the_way_of_a_start(assembly: Callable[[str], Path], settings: Settings) -> None:
    made = with_zone(settings).lifecycles.ephemeral
    found = start_time(read_assembly(assembly("zone")), created=made, restored=True)
    assert names.EDGE_STACK not in {stretch.stack for stretch in found.longest_way}
    # Nor is the load balancer, which is made beside the database.
    assert "AWS::ElasticLoadBalancingV2::LoadBalancer" not in {it.resource_type for it in found.longest_way}
    assert found.seconds <= 12 * 60
