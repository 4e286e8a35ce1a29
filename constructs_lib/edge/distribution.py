"""The distribution: one address for frontend and API, and the headers by which browsers protect users."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as cloudfront_origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.alias_records import BOTH, AliasRecords
from installation.names import ORIGIN_HEADER, STOPPED_PREFIX
from installation.settings.edge import EdgeSettings

# Serves index.html for every path that names no file, before the cache is asked.
SINGLE_PAGE_FILE: Final = Path(__file__).with_name("single_page.js")

# The zone of all distributions (Amazon Route 53 API reference, AliasTarget, HostedZoneId).
_CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
# CloudFront caches these for ten seconds, whatever the cache policy says, also of the API: a new object would
# still be missing, and a failed release would be visible for longer than it lasts (developer guide, "HTTP 4xx and 5xx
# status codes that CloudFront caches").
_CACHED_ERRORS = (404, 405, 414, 500, 501, 502, 503, 504)

# CloudFront waits longer than the load balancer, whose 504 alarms count. A request that CloudFront gives up first is a
# 460 to the load balancer, which no alarm counts (user guide, "Troubleshoot", HTTP 460): of a release whose answers
# hang, nobody would learn. CloudFront waits for no origin longer than 120 (API reference, CustomOriginConfig).
_LONGER_SECONDS, _LONGEST_READ_SECONDS = 5, 120


class SecurityHeaders(cloudfront.ResponseHeadersPolicy):
    """HSTS, no guessing of types, no frames, an origin as referrer for other sites, and a content security policy.

    AWS's managed policy has no content security policy.

    Args:
        content_security_policy: what pages may load; an answer of the API that has its own keeps it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, content_security_policy: str) -> None:
        super().__init__(
            scope,
            construct_id,
            comment="Security headers of frontend and API",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=cdk.Duration.days(365), include_subdomains=True, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override=True
                ),
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=content_security_policy, override=False
                ),
            ),
        )


@dataclass(frozen=True, kw_only=True)
class ApiOrigin:
    """The load balancer as an origin of the distribution."""

    address: str  # its DNS name
    header: str  # value of the header by which it recognizes the distribution, which overrides a viewer's header
    tls: bool  # whether it speaks HTTPS
    idle_seconds: int  # after which it answers 504 for a target that does not


class EdgeDistribution(Construct):
    """Frontend by default, cached and compressed; API paths uncached to the load balancer.

    The API gets the viewer's Host header. So it can build addresses and check origins; and where the load
    balancer has a certificate, it may cover the user's domain: CloudFront accepts an origin's certificate for the
    origin's name, for which nobody gets a certificate where AWS gives the name, or for the host that it forwards
    (CloudFront developer guide, "HTTP 502 status code", on negotiation with a custom origin). Without a certificate the
    last part, inside AWS's network, is HTTP.

    Args:
        settings: domain, certificate, price class, API paths, content security policy.
        frontend_bucket: the static frontend; its policy must already let this account's distributions read.
        stopped_page: whether that bucket has, below a prefix of its own, a page that is shown while no month runs.
        log_bucket: bucket for standard logs. It must accept ACLs, because CloudFront grants itself the delivery.

    Attributes:
        domain_name: the name by which users reach it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: EdgeSettings,
        frontend_bucket: s3.IBucket,
        api: ApiOrigin,
        log_bucket: s3.IBucket,
        stopped_page: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        headers = SecurityHeaders(self, "Headers", content_security_policy=settings.policy_text)
        api_behavior = self._api(api, headers)
        certificate = None
        if settings.certificate_arn:
            certificate = acm.Certificate.from_certificate_arn(self, "Certificate", settings.certificate_arn)
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment="Frontend and API",
            default_root_object="index.html",
            default_behavior=self._frontend(frontend_bucket, headers, stopped_page),
            additional_behaviors=dict.fromkeys(settings.api_paths, api_behavior),
            domain_names=[settings.domain] if settings.domain else None,
            certificate=certificate,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021 if certificate else None,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            enable_ipv6=True,
            price_class=cloudfront.PriceClass[f"PRICE_CLASS_{settings.price_class.upper()}"],
            enable_logging=True,
            log_bucket=log_bucket,
            log_file_prefix="cloudfront/",
            error_responses=[
                cloudfront.ErrorResponse(http_status=status, ttl=cdk.Duration.seconds(0)) for status in _CACHED_ERRORS
            ],
        )
        self.domain_name = settings.domain or self.distribution.distribution_domain_name
        if settings.domain and settings.hosted_zone_id:
            AliasRecords(
                self,
                "Records",
                name=settings.domain,
                hosted_zone_id=settings.hosted_zone_id,
                target=self.distribution.distribution_domain_name,
                target_zone=_CLOUDFRONT_ZONE,
                kinds=BOTH,
            )
        self._acknowledge(own_certificate=certificate is not None, tls=api.tls)

    def _frontend(self, bucket: s3.IBucket, headers: SecurityHeaders, stopped: bool) -> cloudfront.BehaviorOptions:
        # By its attributes: CDK would write this distribution into the policy of a bucket object, so that the stack
        # that outlives the month would depend on this one.
        files = s3.Bucket.from_bucket_attributes(
            self,
            "Frontend",
            bucket_arn=bucket.bucket_arn,
            bucket_regional_domain_name=bucket.bucket_regional_domain_name,
        )
        pages = cloudfront_origins.S3BucketOrigin.with_origin_access_control(files)
        single_page = cloudfront.Function(
            self,
            "SinglePageFallback",
            comment="Pages of the application are drawn by index.html",
            code=cloudfront.FunctionCode.from_file(file_path=str(SINGLE_PAGE_FILE)),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )
        return cloudfront.BehaviorOptions(
            origin=self._stopped_page_first(files, pages) if stopped else pages,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            compress=True,
            response_headers_policy=headers,
            function_associations=[
                cloudfront.FunctionAssociation(
                    event_type=cloudfront.FunctionEventType.VIEWER_REQUEST, function=single_page
                )
            ],
        )

    def _stopped_page_first(self, files: s3.IBucket, pages: cloudfront.IOrigin) -> cloudfront.IOrigin:
        """Each page from below the prefix; where there is none, as in a running month, from its own place.

        No function at the edge can know whether a month runs; the origins' answers show whether an object exists.
        """
        return cloudfront_origins.OriginGroup(
            primary_origin=cloudfront_origins.S3BucketOrigin.with_origin_access_control(
                files, origin_path=f"/{STOPPED_PREFIX.rstrip('/')}"
            ),
            fallback_origin=pages,
            fallback_status_codes=[403, 404, 500, 502, 503, 504],
        )

    def _api(self, api: ApiOrigin, headers: SecurityHeaders) -> cloudfront.BehaviorOptions:
        https = cloudfront.OriginProtocolPolicy.HTTPS_ONLY
        http = cloudfront.OriginProtocolPolicy.HTTP_ONLY
        return cloudfront.BehaviorOptions(
            origin=cloudfront_origins.HttpOrigin(
                api.address,
                custom_headers={ORIGIN_HEADER: api.header},
                protocol_policy=https if api.tls else http,
                read_timeout=cdk.Duration.seconds(min(api.idle_seconds + _LONGER_SECONDS, _LONGEST_READ_SECONDS)),
                origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            ),
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            # Not a redirect: the client would already have sent its request without encryption.
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # CloudFront compresses only what its cache policy lets it cache.
            compress=False,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER,
            response_headers_policy=headers,
        )

    def _acknowledge(self, *, own_certificate: bool, tls: bool) -> None:
        reasons = {
            "AwsSolutions-CFR1": "The system is meant for users everywhere.",
            "AwsSolutions-CFR2": "A web ACL costs 5 USD a month and 1 USD a rule, more than the rest of a stopped "
            "month. An API that meets the internet without limits of its own needs one.",
        }
        if not own_certificate:
            reasons["AwsSolutions-CFR4"] = (
                "With its own *.cloudfront.net certificate CloudFront fixes the policy to TLSv1; a domain with a "
                "certificate, in the settings, brings TLS 1.2 as the least."
            )
        if not tls:
            reasons["AwsSolutions-CFR5"] = (
                "AWS certifies no name of a load balancer, so without a certificate of its own the last leg is HTTP, "
                "inside AWS's network and open to CloudFront only; a domain with certificates ends that."
            )
        # The frontend's bucket is taken by its attributes, see above.
        reasons["@aws-cdk/aws-cloudfront-origins:updateImportedBucketPolicyOac"] = (
            "The policy stands with the bucket, which outlives the month, and allows this account's distributions."
        )
        acknowledge(self.distribution, reasons)
