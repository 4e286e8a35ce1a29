"""How GitHub's tokens name the repository, against what the roles would trust."""

from typing import Any

import pytest

from installation.settings import Settings
from ops.account.github_subject import SubjectCheck, check_subject
from tests.support.github import FakeGitHub
from tests.support.synthesis import changed

NAMES = {"owner": "hannibal-platform", "repository": "nestjs-hannibal-3"}
IDS = {"owner_id": 11, "repository_id": 22}
WITH_IDS = "repo:hannibal-platform@11/nestjs-hannibal-3@22"


@pytest.fixture
def asked(github: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> FakeGitHub:
    monkeypatch.setenv("GITHUB_API_URL", github.address)
    monkeypatch.setenv("GH_TOKEN", "mine")
    github.repository = {"id": 22, "name": NAMES["repository"], "owner": {"id": 11, "login": NAMES["owner"]}}
    return github


@pytest.mark.parametrize(
    ("sent", "ids", "told"),
    [
        ({"use_default": True}, {}, ""),
        ({"use_default": True, "use_immutable_subject": False}, {}, ""),
        ({"use_default": True, "use_immutable_subject": True, "sub_claim_prefix": WITH_IDS}, IDS, ""),
        ({"use_default": True, "use_immutable_subject": True}, IDS, ""),
        (
            {"use_default": True, "use_immutable_subject": True, "sub_claim_prefix": WITH_IDS},
            {},
            "owner: hannibal-platform, repository: nestjs-hannibal-3, owner_id: 11, repository_id: 22",
        ),
        (
            {"use_default": True, "use_immutable_subject": True},
            {"owner_id": 11, "repository_id": 7},
            "repository_id: 22",
        ),
        ({"use_default": True, "use_immutable_subject": False}, IDS, "and no ids"),
        ({"use_default": False, "include_claim_keys": ["actor"]}, {}, "-F use_default=true"),
    ],
)
def test_a_subject_that_no_role_trusts_is_reported_with_the_settings_to_write(
    asked: FakeGitHub, settings: Settings, sent: dict[str, Any], ids: dict[str, int], told: str
) -> None:
    asked.subject_format = sent

    check = check_subject(changed(settings, github=ids))

    assert check.unknown == ""
    assert told in check.mismatch
    assert bool(told) == bool(check.mismatch)


def test_a_name_in_another_case_is_reported(asked: FakeGitHub, settings: Settings) -> None:
    asked.subject_format = {"use_default": True}

    check = check_subject(changed(settings, github={"owner": "Hannibal-Platform"}))

    assert "owner: hannibal-platform" in check.mismatch


def test_what_github_does_not_say_is_no_refusal(
    asked: FakeGitHub, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked.subject_format = {"message": "Not Found"}
    assert "another form than expected" in check_subject(settings).unknown
    asked.status = 404
    assert "404" in check_subject(settings).unknown
    monkeypatch.delenv("GH_TOKEN")
    assert check_subject(settings) == SubjectCheck(
        unknown="GitHub was not asked: neither GITHUB_TOKEN nor GH_TOKEN is set. "
        "`export GITHUB_TOKEN=$(gh auth token)` takes the login of GitHub's command."
    )
