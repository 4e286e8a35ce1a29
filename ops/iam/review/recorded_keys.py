"""Condition keys whose values are in other fields of a CloudTrail record than the request's parameters.

Sources: CloudTrail user guide, "CloudTrail record contents" and "CloudTrail userIdentity element"; IAM user guide, "AWS
global condition context keys", each key's "Availability".
"""

import ipaddress
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from installation.permissions.conditions import address
from installation.permissions.variables import Values
from ops.iam.review import fields

HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
_SERVICE: Final = (".amazonaws.com", "AWS Internal")
# Addresses that are used only within VPCs (RFC 1918, RFC 6598, RFC 4193).
_PRIVATE: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
# A record's values by field.
Said = Mapping[str, str]


class Key(NamedTuple):
    """A condition key that a record may have."""

    fields: tuple[str, ...]  # the fields that it is computed from
    # Its values from these fields: empty where the request does not have the key, None where not known.
    values: Callable[[Said], Values | None]


def _of_direct_call(values: Values) -> Callable[[Said], Values | None]:
    """Values where the caller's own program sent the request.

    Not known for calls of a service: it may act for the caller or under its own role, and the records look alike.
    """
    return lambda said: (
        values if "invokedBy" not in said and address(said.get("sourceIPAddress", "")) is not None else None
    )


def _caller_address(record: Said) -> tuple[str, str | None] | None:
    """The address of a caller, and the VPC endpoint of the request; None where they are not known.

    The consoles' own endpoints are in records of calls from the internet, and a private address without an endpoint
    means that the service does not record endpoints.
    """
    source, endpoint = record.get("sourceIPAddress", ""), record.get("vpcEndpointId")
    found = address(source)
    if found is None or "invokedBy" in record:
        return None
    is_private = any(found in network for network in _PRIVATE)
    return (source, endpoint) if is_private is (endpoint is not None) else None


def _of_caller(values: Callable[[str, str | None], Values | None]) -> Callable[[Said], Values | None]:
    """Values from the address of a caller and the VPC endpoint, if any; None where they are not known."""

    def read(said: Said) -> Values | None:
        way = _caller_address(said)
        return None if way is None else values(*way)

    return read


def _user_agent(said: Said) -> Values | None:
    """The user agent: S3 writes it in brackets; for calls by a console or a service, CloudTrail writes another one."""
    agent = said.get("userAgent", "")
    if not agent or agent.endswith(_SERVICE) or "invokedBy" in said:
        return None
    return (agent[1:-1] if agent.startswith("[") and agent.endswith("]") else agent,)


def _second_factor(said: Said) -> Values | None:
    given = said.get("mfaAuthenticated")
    return (given,) if given in ("true", "false") else None


def _second_factor_age(said: Said) -> Values | None:
    """Not known with a second factor: a session may be issued long after it, so the record does not have its age."""
    return () if _second_factor(said) == ("false",) else None


def _secure(said: Said) -> Values | None:
    version = said.get("tlsVersion", "")
    return ("true",) if version.startswith(("TLS", "SSL")) else None


def _tls_version(said: Said) -> Values | None:
    version = said.get("tlsVersion", "")
    return (version.removeprefix("TLSv"),) if version.startswith("TLSv") else None


def _field_value(name: str) -> Callable[[Said], Values | None]:
    """The value of one field, unchanged."""

    def values(said: Said) -> Values | None:
        given = said.get(name)
        return None if given is None or given == HIDDEN else (given,)

    return values


def _resource_account(said: Said) -> Values | None:
    accounts = said.get(fields.ACCOUNTS, "").split()
    return (accounts[0],) if len(accounts) == 1 else None


_ORIGIN: Final = ("sourceIPAddress", "invokedBy", "vpcEndpointId")
# Keys that a record may have, with the fields that they are computed from.
KEYS: Final[Mapping[str, Key]] = {
    # A request through a VPC endpoint has no `aws:SourceIp`.
    "aws:sourceip": Key(_ORIGIN, _of_caller(lambda source, endpoint: () if endpoint else (source,))),
    "aws:vpcsourceip": Key(_ORIGIN, _of_caller(lambda source, endpoint: (source,) if endpoint else ())),
    "aws:sourcevpce": Key(_ORIGIN, _of_caller(lambda _, endpoint: (endpoint,) if endpoint else ())),
    "aws:sourcevpc": Key(_ORIGIN, _of_caller(lambda _, endpoint: None if endpoint else ())),
    "aws:useragent": Key(("userAgent", "invokedBy"), _user_agent),
    "aws:viaawsservice": Key(_ORIGIN, _of_direct_call(("false",))),
    "aws:calledvia": Key(_ORIGIN, _of_direct_call(())),
    "aws:calledviafirst": Key(_ORIGIN, _of_direct_call(())),
    "aws:calledvialast": Key(_ORIGIN, _of_direct_call(())),
    "aws:multifactorauthpresent": Key(("mfaAuthenticated",), _second_factor),
    "aws:multifactorauthage": Key(("mfaAuthenticated",), _second_factor_age),
    "aws:tokenissuetime": Key(("creationDate",), _field_value("creationDate")),
    "aws:securetransport": Key(("tlsVersion",), _secure),
    "s3:tlsversion": Key(("tlsVersion",), _tls_version),
    "aws:currenttime": Key((), _field_value(fields.EVENT_TIME)),
    "aws:epochtime": Key((), _field_value(fields.EVENT_TIME)),
    "aws:userid": Key(("principalId",), _field_value("principalId")),
    "aws:federatedprovider": Key(("federatedProvider",), _field_value("federatedProvider")),
    "aws:resourceaccount": Key((fields.ACCOUNTS,), _resource_account),
    "s3:resourceaccount": Key((fields.ACCOUNTS,), _resource_account),
}
