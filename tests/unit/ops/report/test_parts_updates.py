"""What GitHub may answer, and that a missing answer is said."""

from typing import Any

import pytest

from installation.settings import Settings
from ops.errors import FailedError, UnusableInputError
from ops.report.parts import read_updates
from tests.support.github import FakeGitHub


def pull_request(number: int, created: str, login: str = "dependabot[bot]") -> dict[str, Any]:
    address = f"https://github.com/o/r/pull/{number}"
    return {
        "number": number,
        "title": f"Bump {number}",
        "html_url": address,
        "created_at": f"{created}T00:00:00Z",
        "user": {"login": login},
    }


@pytest.fixture
def asked(github: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> FakeGitHub:
    monkeypatch.setenv("GITHUB_API_URL", github.address)
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.setenv("GH_TOKEN", "mine")
    return github


def test_the_oldest_of_dependabots_comes_first(asked: FakeGitHub, settings: Settings) -> None:
    asked.pull_requests = [
        pull_request(8, "2026-11-20"),
        pull_request(6, "2026-11-01", "a-person"),
        pull_request(5, "2026-11-01") | {"user": None},
        pull_request(7, "2026-11-10"),
    ]
    assert [update.number for update in read_updates(settings)] == [7, 8]
    assert asked.tokens == {"Bearer mine"}
    assert asked.paths == [f"/repos/{settings.github.owner}/{settings.github.repository}/pulls"]


USERS: tuple[Any, ...] = ({}, [], "dependabot[bot]")
WITHOUT_LOGIN = [[pull_request(5, "2026-11-01") | {"user": user}] for user in USERS]


@pytest.mark.parametrize("answer", ["hello", {}, [{}], [{"number": "x"}], *WITHOUT_LOGIN])
def test_another_answer_is_reported(asked: FakeGitHub, settings: Settings, answer: Any) -> None:
    asked.pull_requests = answer
    with pytest.raises(FailedError, match=r"something else|another form than expected"):
        read_updates(settings)


def test_a_refusal_is_reported(asked: FakeGitHub, settings: Settings) -> None:
    asked.status = 401
    with pytest.raises(FailedError, match="401"):
        read_updates(settings)


def test_without_a_token_nothing_is_asked(
    asked: FakeGitHub, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GH_TOKEN")
    with pytest.raises(UnusableInputError, match="neither GITHUB_TOKEN nor GH_TOKEN"):
        read_updates(settings)
    assert asked.paths == []
