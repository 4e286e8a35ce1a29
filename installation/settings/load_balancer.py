"""The section `load_balancer` of a configuration file."""

from pydantic import Field

from installation.settings.section import CertificateArn, Section


class LoadBalancerSettings(Section):
    """Listeners of the load balancer."""

    certificate_arn: CertificateArn | None = None
    """ACM certificate of this region that covers `edge.domain`, or `hannibal start` refuses it; with it production is
    HTTPS and HTTP redirects."""
    test_port: int = Field(default=9000, ge=1, le=65535)
    """Port of the test listener, which shows a release before its users see it."""
    access_log_retention_days: int = Field(default=90, ge=1, le=3653)
    """Days that access logs of load balancer, CloudFront and buckets are kept."""
    idle_timeout_seconds: int = Field(default=60, ge=1, le=4000)
    """Seconds that a user waits for an answer to begin or go on, then gets a 504. Shorter than the keep-alive of the
    API, so that the load balancer closes first."""
