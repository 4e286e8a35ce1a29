"""The domain's zone: records that the template makes, and zones that are refused before anything is deployed."""

import json
from typing import Any

import pytest

from installation.names import EDGE_STACK, STORAGE_STACK
from installation.settings import Settings
from ops.account.domain import hosted_zone_refusals
from ops.aws.clients import Aws
from tests.support.aws import given
from tests.support.embedded import stacks
from tests.support.embedded.server import EmbeddedAws
from tests.support.synthesis import changed

pytestmark = pytest.mark.embedded

_DOMAIN = "www.pages.example.com"
_CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"


@pytest.fixture
def route53(embedded_aws: EmbeddedAws) -> Any:
    return embedded_aws.session().client("route53")


def _zone(route53: Any, name: str, **more: Any) -> str:
    made = route53.create_hosted_zone(Name=name, CallerReference=stacks.unique("zone"), **more)
    identifier: str = made["HostedZone"]["Id"].rpartition("/")[2]
    return identifier


def _reasons(aws: Aws, settings: Settings, zone: str, *deployed: str) -> tuple[str, ...]:
    named = changed(
        settings,
        edge={
            "domain": _DOMAIN,
            "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/x",
            "hosted_zone_id": zone,
        },
    )
    return tuple(hosted_zone_refusals(given(aws, named), deployed=deployed))


def _records(zone: str) -> dict[str, Any]:
    return {
        kind: {
            "Type": "AWS::Route53::RecordSet",
            "Properties": {
                "HostedZoneId": zone,
                "Name": _DOMAIN,
                "Type": kind,
                "AliasTarget": {"DNSName": "d111111abcdef8.cloudfront.net", "HostedZoneId": _CLOUDFRONT_ZONE},
            },
        }
        for kind in ("A", "AAAA")
    }


def test_records_of_the_domain_come_and_go_with_the_stack(
    embedded_aws: EmbeddedAws, aws: Aws, route53: Any, settings: Settings
) -> None:
    zone = _zone(route53, "pages.example.com")
    assert _reasons(aws, settings, zone) == ()
    cloudformation: Any = embedded_aws.session().client("cloudformation")
    made = stacks.create(cloudformation, _records(zone))
    assert made.status == "CREATE_COMPLETE", made.reasons

    (reason,) = _reasons(aws, settings, zone)
    assert f"{_DOMAIN} has A and AAAA record(s) already" in reason
    assert _reasons(aws, settings, zone, EDGE_STACK) == ()
    origin = {"Name": f"origin.{_DOMAIN}", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    change = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": origin}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
    (reason,) = _reasons(aws, settings, zone, EDGE_STACK)
    assert f"origin.{_DOMAIN} has A record(s) already, which {STORAGE_STACK} did not make" in reason
    assert _reasons(aws, settings, zone, EDGE_STACK, STORAGE_STACK) == ()
    change["Changes"][0]["Action"] = "DELETE"
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
    again = stacks.create(cloudformation, _records(zone))
    assert again.status == "ROLLBACK_COMPLETE"
    assert any("already exists" in text for text in again.reasons.values())

    assert stacks.delete(cloudformation, made.stack_id).status == "DELETE_COMPLETE"
    assert _reasons(aws, settings, zone) == ()


def test_a_zone_of_another_account_is_refused_before_anything_is_deployed(aws: Aws, settings: Settings) -> None:
    (reason,) = _reasons(aws, settings, "Z0123456789ABCDEFGHIJ")
    assert "is no zone of this account" in reason
    assert _DOMAIN in reason


def test_cloudformation_refuses_an_unknown_zone(embedded_aws: EmbeddedAws) -> None:
    cloudformation: Any = embedded_aws.session().client("cloudformation")
    refused = stacks.create(cloudformation, _records("Z0123456789ABCDEFGHIJ"))
    assert refused.status == "ROLLBACK_COMPLETE"
    assert any("No hosted zone" in text and "Z0123456789ABCDEFGHIJ" in text for text in refused.reasons.values())


def test_a_private_zone_and_one_of_another_name_are_refused(aws: Aws, route53: Any, settings: Settings) -> None:
    (reason,) = _reasons(aws, settings, _zone(route53, "other.example.com"))
    assert f"is the zone of other.example.com, in which {_DOMAIN} does not lie" in reason
    private = _zone(
        route53,
        "pages.example.com",
        VPC={"VPCRegion": "ap-northeast-1", "VPCId": "vpc-1"},
        HostedZoneConfig={"PrivateZone": True},
    )
    (reason,) = _reasons(aws, settings, private)
    assert "is a private zone" in reason


@pytest.mark.parametrize("delegated", ["pages.example.com", _DOMAIN, f"origin.{_DOMAIN}"])
def test_a_zone_that_delegates_the_domain_is_refused(
    aws: Aws, route53: Any, settings: Settings, delegated: str
) -> None:
    """Resolvers ask the other zone: users would find nothing, and the origin's certificate would never be validated."""
    zone = _zone(route53, "example.com")
    assert _reasons(aws, settings, zone) == ()
    record = {"Name": delegated, "Type": "NS", "TTL": 300, "ResourceRecords": [{"Value": "ns-1.awsdns-00.org."}]}
    changes = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)
    (reason,) = _reasons(aws, settings, zone)
    assert f"gives {delegated} to another zone" in reason


def _edge(domain: str, comment: str) -> dict[str, Any]:
    origin = {"Id": "it", "DomainName": "example.net", "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}}
    config = {
        "Enabled": True,
        "Aliases": [domain],
        "Comment": comment,
        "Origins": [origin],
        "DefaultCacheBehavior": {
            "TargetOriginId": "it",
            "ViewerProtocolPolicy": "https-only",
            "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        },
        "ViewerCertificate": {
            "AcmCertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000",
            "SslSupportMethod": "sni-only",
        },
    }
    return {"Edge": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}}


def test_a_domain_whose_record_leads_to_another_distribution_is_refused(
    embedded_aws: EmbeddedAws, route53: Any
) -> None:
    """As last month's does that people made, also where that distribution is gone."""
    cloudformation: Any = embedded_aws.session().client("cloudformation")
    domain = f"{stacks.unique('www')}.example.org"
    zone = _zone(route53, "example.org")

    def record(action: str, target: str) -> None:
        made = {"Name": domain, "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": f"{target}."}]}
        changes = {"Changes": [{"Action": action, "ResourceRecordSet": made}]}
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)

    record("CREATE", "d111111abcdef8.cloudfront.net")
    refused = stacks.create(cloudformation, _edge(domain, "first"))
    assert refused.status == "ROLLBACK_COMPLETE"
    assert "points to another CloudFront distribution" in refused.reasons["Edge"]

    record("DELETE", "d111111abcdef8.cloudfront.net")
    name = {"Name": {"Value": {"Fn::GetAtt": ["Edge", "DomainName"]}}}
    taken = stacks.create(cloudformation, _edge(domain, "first"), Outputs=name)
    assert taken.status == "CREATE_COMPLETE", taken.reasons
    record("CREATE", taken.outputs["Name"])
    changed_edge = json.dumps({"Resources": _edge(domain, "second"), "Outputs": name})
    cloudformation.update_stack(StackName=taken.stack_id, TemplateBody=changed_edge)
    assert stacks.wait(cloudformation, taken.stack_id).status == "UPDATE_COMPLETE"


def test_without_a_zone_nothing_is_asked(settings: Settings) -> None:
    assert list(hosted_zone_refusals(Aws(settings), deployed=())) == []
