"""Certificates that settings name, looked at before anything is deployed."""

from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.account.domain import certificate_refusals
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error
from tests.support.synthesis import changed

_EDGE = "arn:aws:acm:us-east-1:123456789012:certificate/edge"
_OWN = "arn:aws:acm:ap-northeast-1:123456789012:certificate/own"


def refusals(settings: Settings, edge: Any, own: Any = None) -> list[str]:
    sections: dict[str, Any] = {"edge": {"domain": "app.example.com", "certificate_arn": _EDGE}}
    if own is not None:
        sections["load_balancer"] = {"certificate_arn": _OWN}
    return list(certificate_refusals(aws_of(settings=changed(settings, **sections), edge_acm=edge, acm=own)))


def answering(answer: Any) -> Any:
    def describe_certificate(CertificateArn: str) -> Any:  # noqa: N803
        if isinstance(answer, Exception):
            raise answer
        return {"Certificate": {"CertificateArn": CertificateArn, "Status": "ISSUED", **answer}}

    return SimpleNamespace(describe_certificate=describe_certificate)


@pytest.mark.parametrize(
    "answer",
    [
        {"DomainName": "app.example.com"},
        {"DomainName": "*.example.com"},
        {"DomainName": "example.com", "SubjectAlternativeNames": ["example.com", "app.example.com"]},
        client_error("AccessDeniedException"),
    ],
)
def test_a_certificate_that_covers_the_domain_or_is_unreadable_is_no_refusal(settings: Settings, answer: Any) -> None:
    assert refusals(settings, answering(answer), answering(answer)) == []


@pytest.mark.parametrize(
    "name", ["example.com", "w.example.com", "www.example.com", "*.app.example.com", "*.com", "*.xample.com"]
)
def test_a_load_balancers_certificate_of_another_name_is_refused(settings: Settings, name: str) -> None:
    (reason,) = refusals(settings, answering({"DomainName": "*.example.com"}), answering({"DomainName": name}))
    assert reason == f"load_balancer.certificate_arn: {_OWN} is for {name}, which does not cover app.example.com"


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("PENDING_VALIDATION", "make the records"),
        ("EXPIRED", "ask for another"),
        ("VALIDATION_TIMED_OUT", "ask for another"),
    ],
)
def test_a_certificate_that_was_not_issued_is_refused(settings: Settings, status: str, advice: str) -> None:
    (reason,) = refusals(settings, answering({"DomainName": "app.example.com", "Status": status}))
    assert reason.startswith(f"edge.certificate_arn: {_EDGE} is {status}, not ISSUED: {advice}")


def test_a_missing_certificate_is_refused_with_the_command_that_lists_them(settings: Settings) -> None:
    (reason,) = refusals(settings, answering(client_error("ResourceNotFoundException")))
    assert "edge.certificate_arn" in reason
    assert "`aws acm list-certificates --region us-east-1`" in reason


def test_nothing_is_asked_without_a_domain(settings: Settings) -> None:
    assert list(certificate_refusals(aws_of(settings=settings))) == []
