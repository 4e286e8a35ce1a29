"""The authority that signs the databases' certificates, in the place of RDS's own."""

from collections.abc import Mapping

from embedded_aws.database import emulator
from installation.aws_facts.rds_certificates import default_certificate_of, regions
from installation.names import CERTIFICATES_VARIABLE


def authority() -> str:
    """The certificate of the authority, in PEM, which ``/_ministack/rds/ca.pem`` shows too."""
    certificate: str = emulator.certificate_authority()[0]
    return certificate.strip()


def with_authority(environment: Mapping[str, str], region: str) -> dict[str, str]:
    """The variables of a container, with this authority in the place of the one that signs on AWS.

    Only there where the region's ``rds-ca-rsa2048-g1`` stands, so that a container which was given other certificates
    refuses the database here as it would there.
    """
    given = dict(environment)
    text = given.get(CERTIFICATES_VARIABLE)
    if text and region in regions():
        given[CERTIFICATES_VARIABLE] = text.replace(default_certificate_of(region), authority())
    return given
