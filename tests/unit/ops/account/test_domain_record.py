"""Where the domain's DNS record leads, looked at before CloudFront is asked for the domain."""

from pathlib import Path
from typing import Any

import pytest

from installation.names import EDGE_STACK
from installation.settings import Settings
from ops.account.domain import domain_record_notes, domain_record_refusals
from ops.stacks.state import Output, Stack
from tests.support.aws import aws_of
from tests.support.fakes import NOW
from tests.support.synthesis import changed

_EDGE = {"domain": "app.example.com", "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/edge"}


@pytest.fixture
def nslookup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name, which is yet to be written."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "nslookup"


def refusals(settings: Settings, endpoint: str | None = None) -> list[str]:
    aws: Any = aws_of(settings=changed(settings, edge=_EDGE))
    aws.endpoint = endpoint
    return list(domain_record_refusals(aws))


def answers(nslookup: Path, text: str) -> None:
    nslookup.write_text(f"#!/bin/sh\n[ \"$*\" = '-type=CNAME app.example.com' ] && printf '{text}'\n")
    nslookup.chmod(0o755)


@pytest.mark.parametrize(
    "text",
    [
        "app.example.com\tcanonical name = d111111abcdef8.cloudfront.net.\n",  # BIND
        "app.example.com\tcanonical name = D111111ABCDEF8.cloudfront.net\n",  # Windows, BusyBox
    ],
)
def test_a_record_that_leads_to_a_distribution_is_refused(settings: Settings, nslookup: Path, text: str) -> None:
    answers(nslookup, text)
    (reason,) = refusals(settings)
    assert "app.example.com leads to d111111abcdef8.cloudfront.net" in reason.lower()
    assert "delete the record" in reason
    # The embedded AWS asks no DNS.
    assert refusals(settings, "http://127.0.0.1:1") == []


@pytest.mark.parametrize(
    ("outputs", "refused"),
    [
        (("https://app.example.com", "d222222abcdef8.cloudfront.net"), False),  # it has the domain already
        (("https://old.example.com", "d222222abcdef8.cloudfront.net"), True),
        (("https://d222222abcdef8.cloudfront.net",), True),  # it had no domain
        (("https://old.example.com", "d111111abcdef8.cloudfront.net"), False),  # the record leads to it
        ((), True),  # its creation failed
    ],
)
def test_a_changed_domain_is_compared_too(
    settings: Settings, nslookup: Path, outputs: tuple[str, ...], refused: bool
) -> None:
    answers(nslookup, "app.example.com\tcanonical name = D111111ABCDEF8.cloudfront.net.\n")
    aws: Any = aws_of(settings=changed(settings, edge=_EDGE))
    made = tuple(Output(name=f"Output{number}", value=it, description="") for number, it in enumerate(outputs))
    edge = Stack(
        name=EDGE_STACK, stack_id="arn:x", status="UPDATE_COMPLETE", reason="", since=NOW, protected=False, outputs=made
    )
    assert bool(list(domain_record_refusals(aws, edge))) is refused


@pytest.mark.parametrize(
    "text",
    [
        "",
        "** server can\\047t find app.example.com: NXDOMAIN\n",
        "app.example.com\tcanonical name = example.github.io.\n",
        "app.example.com\tcanonical name = cloudfront.net.example.com.\n",
    ],
)
def test_another_record_and_no_record_are_no_refusal(settings: Settings, nslookup: Path, text: str) -> None:
    answers(nslookup, text)
    assert refusals(settings) == []


def test_a_missing_nslookup_is_named(settings: Settings, nslookup: Path) -> None:
    aws: Any = aws_of(settings=changed(settings, edge=_EDGE))
    assert "whether app.example.com still leads to a former distribution" in next(domain_record_notes(aws))
    assert list(domain_record_notes(aws_of(settings=settings))) == []
    answers(nslookup, "")
    assert list(domain_record_notes(aws)) == []


def test_nothing_is_refused_without_the_program_or_a_domain(settings: Settings, nslookup: Path) -> None:
    assert refusals(settings) == []
    answers(nslookup, "app.example.com\tcanonical name = d111111abcdef8.cloudfront.net.\n")
    assert list(domain_record_refusals(aws_of(settings=settings))) == []
