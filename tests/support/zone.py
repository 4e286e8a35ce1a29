"""Settings with a hosted zone, so that EdgeStack outlives the month."""

from installation.settings import Settings
from tests.support.synthesis import changed

DOMAIN = "app.example.com"
ORIGIN = f"origin.{DOMAIN}"
ZONE = "Z0123456789"
EDGE_CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/edge"


def with_zone(settings: Settings) -> Settings:
    """The same settings with a domain whose hosted zone is in the account."""
    return changed(settings, edge={"domain": DOMAIN, "certificate_arn": EDGE_CERTIFICATE, "hosted_zone_id": ZONE})
