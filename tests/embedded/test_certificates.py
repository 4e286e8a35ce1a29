"""Certificates that settings name, as the embedded AWS and AWS answer for them."""

from typing import Any

import pytest

from ops.account.domain import certificate_refusals
from ops.aws.clients import Aws
from tests.support.aws import given
from tests.support.synthesis import changed

pytestmark = pytest.mark.embedded

_DOMAIN = "app.certified.example.com"


def _requested(acm: Any, name: str) -> str:
    arn: str = acm.request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"]
    return arn


def _reasons(aws: Aws, edge: str, own: str) -> list[str]:
    sections: Any = {"edge": {"domain": _DOMAIN, "certificate_arn": edge}, "load_balancer": {"certificate_arn": own}}
    return list(certificate_refusals(given(aws, changed(aws.settings, **sections))))


def test_each_certificate_is_looked_up_in_its_own_region(aws: Aws) -> None:
    edge, own = _requested(aws.edge_acm, "*.certified.example.com"), _requested(aws.acm, _DOMAIN)
    assert _reasons(aws, edge, own) == []

    other = _requested(aws.acm, "api.certified.example.com")
    (reason,) = _reasons(aws, edge, other)
    assert reason.endswith("is for api.certified.example.com, which does not cover app.certified.example.com")

    aws.edge_acm.delete_certificate(CertificateArn=edge)
    (reason,) = _reasons(aws, edge, own)
    assert f"{edge} is no certificate of this account" in reason
