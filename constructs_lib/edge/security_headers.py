"""The response headers by which browsers protect users."""

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct


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
