"""The certificate by which CloudFront verifies the load balancer."""

from aws_cdk import aws_certificatemanager as acm
from constructs import Construct


class OriginCertificate(Construct):
    """A certificate for the origin's name, validated by a record in the zone. While that record exists, ACM renews it.

    It outlives the month: with a new one each month, the start would wait for its validation. Public certificates of
    ACM cost nothing.

    Args:
        name: the origin's name, and no other: whoever may write a name's validation record may get its certificate.
        hosted_zone_id: public zone that the name lies in.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, hosted_zone_id: str) -> None:
        super().__init__(scope, construct_id)
        self.arn = acm.CfnCertificate(
            self,
            "Certificate",
            domain_name=name,
            validation_method="DNS",
            domain_validation_options=[
                acm.CfnCertificate.DomainValidationOptionProperty(domain_name=name, hosted_zone_id=hosted_zone_id)
            ],
        ).ref
