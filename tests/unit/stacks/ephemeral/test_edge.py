"""CloudFront: what is cached, what goes to the API, what browsers are told, and that nothing stays behind."""

import json

import pytest
from pydantic import ValidationError

from constructs_lib.edge.distribution import SINGLE_PAGE_FILE
from installation import names
from installation.settings import Settings
from tests.support.edge_stack import DOMAIN, EDGE_CERTIFICATE, HEADER, ORIGIN_CERTIFICATE, Edge
from tests.support.synthesis import changed

# Managed policies, the same in every account (CloudFront developer guide, "Use managed … policies").
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"


@pytest.fixture(scope="module")
def plain(settings: Settings) -> Edge:
    return Edge(settings)


@pytest.fixture(scope="module")
def own_domain(settings: Settings) -> Edge:
    return Edge(
        changed(
            settings,
            load_balancer={"certificate_arn": ORIGIN_CERTIFICATE},
            edge={
                "domain": DOMAIN,
                "certificate_arn": EDGE_CERTIFICATE,
                "price_class": "all",
                "api_paths": ("/rest/*",),
                "content_security_policy": {"default-src": ("'none'",)},
                "hosted_zone_id": "Z0123456789",
            },
        )
    )


def test_the_frontend_is_cached_compressed_and_reached_by_https_only(plain: Edge) -> None:
    frontend = plain.distribution["DefaultCacheBehavior"]
    assert frontend["CachePolicyId"] == CACHING_OPTIMIZED
    assert frontend["Compress"] is True
    assert frontend["ViewerProtocolPolicy"] == "redirect-to-https"
    assert frontend["AllowedMethods"] == ["GET", "HEAD"]
    assert plain.distribution["DefaultRootObject"] == "index.html"


def test_the_frontend_is_read_by_signed_requests(plain: Edge) -> None:
    origin = plain.origin(plain.distribution["DefaultCacheBehavior"])
    control, *_ = plain.template.find_resources("AWS::CloudFront::OriginAccessControl")
    assert origin["OriginAccessControlId"] == {"Fn::GetAtt": [control, "Id"]}
    assert origin["DomainName"]["Fn::GetStackOutput"]["StackName"] == "ArtifactStack"
    configuration = plain.properties("OriginAccessControl")["OriginAccessControlConfig"]
    assert configuration["OriginAccessControlOriginType"] == "s3"
    assert (configuration["SigningBehavior"], configuration["SigningProtocol"]) == ("always", "sigv4")


def test_the_buckets_stack_refers_to_nothing_that_is_destroyed(plain: Edge) -> None:
    text = json.dumps(plain.artifact.to_json())
    assert "Fn::GetStackOutput" not in text
    assert "cloudfront.amazonaws.com" in text


def test_api_paths_go_uncached_to_the_load_balancer(plain: Edge) -> None:
    behaviours = plain.distribution["CacheBehaviors"]
    assert [behaviour["PathPattern"] for behaviour in behaviours] == ["/graphql", "/api/*"]
    for behaviour in behaviours:
        assert behaviour["CachePolicyId"] == CACHING_DISABLED
        assert behaviour["OriginRequestPolicyId"] == ALL_VIEWER
        assert {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"} < set(behaviour["AllowedMethods"])
        assert behaviour["ViewerProtocolPolicy"] == "https-only"
        assert plain.origin(behaviour)["DomainName"] == "balancer.example.com"


def test_the_api_alone_is_told_who_asks(plain: Edge) -> None:
    api = plain.origin(plain.distribution["CacheBehaviors"][0])
    frontend = plain.origin(plain.distribution["DefaultCacheBehavior"])

    assert api["OriginCustomHeaders"] == [{"HeaderName": names.ORIGIN_HEADER, "HeaderValue": HEADER}]
    assert "OriginCustomHeaders" not in frontend


def test_api_paths_are_a_setting(own_domain: Edge) -> None:
    assert [behaviour["PathPattern"] for behaviour in own_domain.distribution["CacheBehaviors"]] == ["/rest/*"]


def test_errors_of_the_api_reach_the_user_and_are_not_cached(plain: Edge) -> None:
    """Pages in place of errors would rewrite the API's; the fallback is a function of the frontend alone."""
    errors = plain.distribution["CustomErrorResponses"]
    assert [error["ErrorCode"] for error in errors] == [404, 405, 414, 500, 501, 502, 503, 504]
    assert all(set(error) == {"ErrorCode", "ErrorCachingMinTTL"} for error in errors)
    assert {error["ErrorCachingMinTTL"] for error in errors} == {0}
    (association,) = plain.distribution["DefaultCacheBehavior"]["FunctionAssociations"]
    assert association["EventType"] == "viewer-request"
    assert all("FunctionAssociations" not in behaviour for behaviour in plain.distribution["CacheBehaviors"])


def test_the_origin_is_http_without_a_certificate_and_https_with_one(plain: Edge, own_domain: Edge) -> None:
    def protocol(edge: Edge) -> tuple[str, list[str]]:
        origin = edge.origin(edge.distribution["CacheBehaviors"][0])["CustomOriginConfig"]
        return origin["OriginProtocolPolicy"], origin["OriginSSLProtocols"]

    assert protocol(plain) == ("http-only", ["TLSv1.2"])
    assert protocol(own_domain) == ("https-only", ["TLSv1.2"])


def test_cloudfront_waits_longer_than_the_load_balancer_whose_alarms_count_the_answer(settings: Settings) -> None:
    for idle, waits in ((60, 65), (10, 15), (300, 120)):
        edge = Edge(changed(settings, load_balancer={"idle_timeout_seconds": idle}))
        origin = edge.origin(edge.distribution["CacheBehaviors"][0])["CustomOriginConfig"]
        assert origin["OriginReadTimeout"] == waits


def test_an_own_domain_brings_its_certificate_and_tls_1_2(plain: Edge, own_domain: Edge) -> None:
    assert own_domain.distribution["Aliases"] == [DOMAIN]
    assert own_domain.distribution["ViewerCertificate"] == {
        "AcmCertificateArn": EDGE_CERTIFICATE,
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }
    assert "Aliases" not in plain.distribution
    assert "ViewerCertificate" not in plain.distribution


def test_protocols_and_price_class(plain: Edge, own_domain: Edge) -> None:
    assert plain.distribution["HttpVersion"] == "http2and3"
    assert plain.distribution["IPV6Enabled"] is True
    assert plain.distribution["PriceClass"] == "PriceClass_200"
    assert own_domain.distribution["PriceClass"] == "PriceClass_All"


def test_requests_are_logged_into_a_bucket_that_outlives_the_month(plain: Edge) -> None:
    logging = plain.distribution["Logging"]
    assert logging["Prefix"] == "cloudfront/"
    assert logging["Bucket"]["Fn::GetStackOutput"]["StackName"] == "ArtifactStack"
    # Delivery is by ACL, which a bucket has to allow.
    (bucket_name,) = [
        key
        for key, bucket in plain.artifact.find_resources("AWS::S3::Bucket").items()
        if bucket["Properties"]["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerPreferred"}]
    ]
    output = logging["Bucket"]["Fn::GetStackOutput"]["OutputName"]
    assert plain.artifact.find_outputs(output)[output]["Value"]["Fn::GetAtt"] == [bucket_name, "RegionalDomainName"]


def test_browsers_are_told_how_to_protect_users(plain: Edge) -> None:
    headers = plain.properties("ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
    assert headers["ContentTypeOptions"] == {"Override": True}
    assert headers["FrameOptions"] == {"FrameOption": "DENY", "Override": True}
    assert headers["ReferrerPolicy"]["ReferrerPolicy"] == "strict-origin-when-cross-origin"
    policy = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-eval'" not in policy


def test_every_behaviour_sends_those_headers(plain: Edge) -> None:
    (policy,) = plain.template.find_resources("AWS::CloudFront::ResponseHeadersPolicy")
    for behaviour in (plain.distribution["DefaultCacheBehavior"], *plain.distribution["CacheBehaviors"]):
        assert behaviour["ResponseHeadersPolicyId"] == {"Ref": policy}


def test_what_pages_may_load_is_a_setting(own_domain: Edge) -> None:
    headers = own_domain.properties("ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert headers["ContentSecurityPolicy"]["ContentSecurityPolicy"].startswith(
        "default-src 'none'; img-src 'self' data:;"
    )


def test_nothing_stays_behind_when_the_month_ends(plain: Edge) -> None:
    for resource in plain.template.to_json()["Resources"].values():
        assert resource.get("DeletionPolicy", "Delete") == "Delete", resource["Type"]


def test_the_address_that_cloudfront_gives_reaches_the_service(plain: Edge, settings: Settings) -> None:
    (resource,) = plain.template.find_resources("Custom::FrontendUrl").values()
    (distribution,) = plain.template.find_resources("AWS::CloudFront::Distribution")
    properties = resource["Properties"]
    assert properties["Address"] == {"Fn::Join": ["", ["https://", {"Fn::GetAtt": [distribution, "DomainName"]}]]}
    assert properties["Parameter"] == settings.names.frontend_url_parameter
    assert (properties["Cluster"], properties["Service"]) == (settings.names.cluster, settings.names.service)


def test_the_function_that_writes_it_may_stop_tasks_of_the_project_only(plain: Edge, settings: Settings) -> None:
    (role,) = plain.template.find_resources("AWS::IAM::Role").values()
    (policy,) = role["Properties"]["Policies"]
    by_action = {
        action: json.dumps([statement["Resource"], statement.get("Condition")])
        for statement in policy["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    assert set(by_action) == {
        "ssm:GetParameter",
        "ssm:PutParameter",
        "ecs:ListTasks",
        "ecs:DescribeTasks",
        "ecs:StopTask",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }
    assert f":task/{settings.names.cluster}/*" in by_action["ecs:StopTask"]
    assert f":cluster/{settings.names.cluster}" in by_action["ecs:ListTasks"]
    assert f":parameter{settings.names.frontend_url_parameter}" in by_action["ssm:PutParameter"]


def test_a_domain_of_ones_own_needs_no_such_function(own_domain: Edge) -> None:
    assert not own_domain.template.find_resources("Custom::FrontendUrl")
    assert not own_domain.template.find_resources("AWS::Lambda::Function")


def test_outputs_are_what_the_runbook_asks_for(plain: Edge, own_domain: Edge) -> None:
    (distribution,) = plain.template.find_resources("AWS::CloudFront::Distribution")
    plain.template.has_output("DistributionId", {"Value": {"Ref": distribution}})
    address = ["https://", {"Fn::GetAtt": [distribution, "DomainName"]}]
    plain.template.has_output("Address", {"Value": {"Fn::Join": ["", address]}})
    own_domain.template.has_output("Address", {"Value": f"https://{DOMAIN}"})
    (distribution,) = own_domain.template.find_resources("AWS::CloudFront::Distribution")
    own_domain.template.has_output("RecordTarget", {"Value": {"Fn::GetAtt": [distribution, "DomainName"]}})
    assert not plain.template.find_outputs("RecordTarget")


def test_a_certificate_that_cloudfront_would_refuse_is_refused_here(settings: Settings) -> None:
    with pytest.raises(ValidationError, match=r"load_balancer.certificate_arn: needs edge.domain"):
        changed(settings, load_balancer={"certificate_arn": ORIGIN_CERTIFICATE})


def test_the_deployed_function_is_that_code_for_the_runtime_that_knows_it(plain: Edge) -> None:
    function = plain.properties("Function")
    assert function["FunctionCode"] == SINGLE_PAGE_FILE.read_text(encoding="utf-8")
    assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    assert function["AutoPublish"] is True


def test_the_zone_gets_records_for_both_versions_of_ip_without_a_lookup(own_domain: Edge, plain: Edge) -> None:
    records = own_domain.template.find_resources("AWS::Route53::RecordSet").values()
    distribution, *_ = own_domain.template.find_resources("AWS::CloudFront::Distribution")
    target = {"DNSName": {"Fn::GetAtt": [distribution, "DomainName"]}, "HostedZoneId": "Z2FDTNDATAQYW2"}
    assert sorted((record["Properties"] for record in records), key=lambda one: one["Type"]) == [
        {"AliasTarget": target, "HostedZoneId": "Z0123456789", "Name": DOMAIN, "Type": kind} for kind in ("A", "AAAA")
    ]
    assert not plain.template.find_resources("AWS::Route53::RecordSet")


def test_cloudfront_may_read_files_and_no_records_of_publications(plain: Edge) -> None:
    policies = plain.artifact.find_resources("AWS::S3::BucketPolicy").values()
    statements = [
        statement
        for policy in policies
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    ]
    by_name = {statement["Sid"]: statement for statement in statements}
    for name in ("DistributionReads", "DistributionLists"):
        (condition,) = by_name[name]["Condition"].values()
        assert list(condition) == ["aws:SourceArn"]
    denied = by_name["PublicationsAreNoPages"]
    assert (denied["Effect"], denied["Action"]) == ("Deny", "s3:GetObject")
    assert json.dumps(denied["Resource"]).endswith('"/.publications/*"]]}')
    assert "Condition" not in denied
