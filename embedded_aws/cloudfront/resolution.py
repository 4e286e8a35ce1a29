"""Resolves an origin's name, and checks its certificate as CloudFront does."""

from fnmatch import fnmatchcase
from typing import Final

from embedded_aws.cloudfront import emulator

_MOST_ALIASES: Final = 8


def load_balancer_of(name: str) -> emulator.Record | None:
    """Give the load balancer of a DNS name, directly or by records of a hosted zone; none for other names.

    Raises:
        OriginUnreachable: a hosted zone is responsible for the name and has no such record.
    """
    for _ in range(_MOST_ALIASES):
        balancer = emulator.load_balancer_at(name)
        if balancer is not None:
            return balancer
        targets = emulator.addresses_of(name)
        if targets is None:
            return None
        if not targets:
            raise emulator.OriginUnreachable(f"CloudFront wasn't able to resolve the origin domain name {name}")
        name = targets[0]
    raise emulator.OriginUnreachable(f"{name} is an alias of itself")


def check_certificate(listener: emulator.Record, *, origin: str, host: str) -> None:
    """Check that a listener's certificate is for the origin's name or for the host that CloudFront forwards.

    (CloudFront developer guide, "HTTP 502 status code (Bad Gateway)", on certificates.) A certificate that ACM here
    does not have is accepted.

    Raises:
        OriginUnreachable: the certificate is for another name, or the listener has none.
    """
    if listener.get("Protocol") != "HTTPS":
        raise emulator.OriginUnreachable(f"{origin} does not speak TLS on port {listener.get('Port')}")
    names = [name for arn in listener.get("Certificates") or [] for name in emulator.certified_names(arn)]
    if names and not any(covers(name, wanted) for name in names for wanted in (origin, host)):
        raise emulator.OriginUnreachable(f"the certificate of {origin} is for {', '.join(names)}")


def covers(name: str, wanted: str) -> bool:
    """Whether a certificate's name covers a host name; a star matches one label."""
    return fnmatchcase(wanted.lower(), name.lower()) and wanted.count(".") == name.count(".")
