"""Addresses of the console."""

import re
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from installation.settings import Settings
from ops.cli.app import build
from ops.errors import ExitCode
from ops.service.links import links
from tests.support.fakes import ACCOUNT, FakeAccount


def test_every_page_is_of_this_region_or_of_a_service_without_regions(settings: Settings) -> None:
    for link in links(settings, ACCOUNT):
        parts = urlsplit(link.url)
        assert parts.scheme == "https"
        region = str(parts.hostname).removesuffix(".console.aws.amazon.com")
        assert region in (settings.region, "us-east-1"), link
        assert (f"region={settings.region}" in parts.query) is (region == settings.region), link


def test_names_are_words_of_their_own(settings: Settings) -> None:
    names = [link.name for link in links(settings, ACCOUNT)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z-]+", name) for name in names)


def test_account_and_names_are_those_of_the_installation(settings: Settings) -> None:
    urls = {link.name: link.url for link in links(settings, ACCOUNT)}
    assert f"/private/{ACCOUNT}/nestjs-hannibal-3?" in urls["images"]
    assert f"/nestjs-hannibal-3-frontend-{ACCOUNT}?" in urls["frontend"]
    assert urls["logs"].endswith("#logsV2:log-groups/log-group/$252Fecs$252Fnestjs-hannibal-3")
    assert "/clusters/nestjs-hannibal-3-cluster/services/nestjs-hannibal-3-api-service/" in urls["service"]
    assert "name=hannibal%2Fdb%2Fpassword&" in urls["secret"]
    # The four of the guide's own list.
    assert {"log-groups", "cluster", "deployments", "database"} <= urls.keys()


def test_the_command_prints_links(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.aws.clients.Aws", account.aws)
    result = CliRunner().invoke(build(), ["links"])
    assert f"account {ACCOUNT}, ap-northeast-1" in result.stdout
    assert "dashboard  Dashboard  (while a month runs)" in result.stdout
    one = CliRunner().invoke(build(), ["links", "stacks"]).stdout
    assert one == "https://ap-northeast-1.console.aws.amazon.com/cloudformation/home?region=ap-northeast-1#/stacks\n"
    assert CliRunner().invoke(build(), ["links", "nothing"]).exit_code == ExitCode.UNUSABLE_INPUT
