"""Answers for operations that the emulator lacks and that tools call in every account: as if it never used them.

Source of each answer: the API reference of the operation, its empty response or the default.
"""

from functools import partial
from typing import Any, Final

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import EmulatorFunction, Response
from embedded_aws.database import emulator as database
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.iam import emulator as iam
from embedded_aws.load_balancer import emulator as load_balancer

# Elements below the response, by operation.
_EC2: Final = {
    "DescribeClientVpnEndpoints": "<clientVpnEndpoint/>",
    "DescribeSecurityGroupReferences": "<securityGroupReferenceSet/>",
    "DescribeTransitGateways": "<transitGatewaySet/>",
    "GetEbsEncryptionByDefault": "<ebsEncryptionByDefault>false</ebsEncryptionByDefault>",
    "GetImageBlockPublicAccessState": "<imageBlockPublicAccessState>block-new-sharing</imageBlockPublicAccessState>",
    "GetInstanceMetadataDefaults": "<accountLevel/>",
    "GetSnapshotBlockPublicAccessState": "<state>unblocked</state>",
}
# Amazon RDS user guide, "Certificate authorities": the authority of new instances, valid for 40 years.
_AUTHORITY: Final = (
    "<DefaultCertificateForNewLaunches>rds-ca-rsa2048-g1</DefaultCertificateForNewLaunches>"
    "<Certificates><Certificate><CertificateIdentifier>rds-ca-rsa2048-g1</CertificateIdentifier>"
    "<CertificateArn>arn:aws:rds:{region}::cert:rds-ca-rsa2048-g1</CertificateArn>"
    "<CertificateType>CA</CertificateType><ValidFrom>2021-05-21T21:41:02Z</ValidFrom>"
    "<ValidTill>2061-05-21T22:41:02Z</ValidTill><CustomerOverride>false</CustomerOverride></Certificate></Certificates>"
)
_RDS: Final = {"DescribeCertificates": _AUTHORITY, "DescribeEventSubscriptions": "<EventSubscriptionsList/>"}
_IAM: Final = {"ListServerCertificates": "<IsTruncated>false</IsTruncated><ServerCertificateMetadataList/>"}
# Elastic Load Balancing user guide, "Security policies for your Application Load Balancer": name, protocols.
_POLICIES: Final = {
    "ELBSecurityPolicy-TLS13-1-2-2021-06": ("TLSv1.2", "TLSv1.3"),
    "ELBSecurityPolicy-TLS13-1-3-2021-06": ("TLSv1.3",),
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06": ("TLSv1.2", "TLSv1.3"),
    "ELBSecurityPolicy-FS-1-2-Res-2020-10": ("TLSv1.2",),
    "ELBSecurityPolicy-TLS-1-2-2017-01": ("TLSv1.2",),
    "ELBSecurityPolicy-2016-08": ("TLSv1", "TLSv1.1", "TLSv1.2"),
}


def install(context: ServerContext) -> None:
    """Register the answers."""
    for operation, inner in _EC2.items():
        ec2.actions.setdefault(operation, partial(_answer, ec2.xml_response, operation, inner))
    for module, answers in ((database, _RDS), (iam, _IAM)):
        for operation, inner in answers.items():
            result = f"<{operation}Result>{inner.replace('{region}', context.region)}</{operation}Result>"
            module.actions.setdefault(operation, partial(_answer, module.xml_response, operation, result))
    load_balancer.actions.setdefault("DescribeSSLPolicies", _security_policies)


def _answer(xml: EmulatorFunction[Response], operation: str, inner: str, _params: Any) -> Response:
    return xml(200, f"{operation}Response", inner)


def _security_policies(_: Any) -> Response:
    members = "".join(
        f"<member><Name>{name}</Name><SslProtocols>"
        + "".join(f"<member>{protocol}</member>" for protocol in protocols)
        + "</SslProtocols></member>"
        for name, protocols in _POLICIES.items()
    )
    return load_balancer.xml_response(200, "DescribeSSLPolicies", f"<SslPolicies>{members}</SslPolicies>")
