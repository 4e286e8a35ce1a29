"""Dependency updates that wait for review: Dependabot's open pull requests."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import BaseModel

from installation.settings import Settings
from ops.github.api import GitHub, validate_answer

_DEPENDABOT: Final = "dependabot[bot]"


@dataclass(frozen=True, kw_only=True)
class Update:
    """One pull request of Dependabot."""

    number: int
    title: str
    url: str
    created: datetime


class _User(BaseModel):
    login: str


class _PullRequest(BaseModel):
    number: int
    title: str
    html_url: str
    created_at: datetime
    user: _User | None = None  # none: the account is gone


def read_updates(settings: Settings) -> tuple[Update, ...]:
    """The open updates, the oldest first.

    Raises:
        UnusableInputError: there is no token to ask GitHub with.
        FailedError: GitHub cannot be reached, refuses, or answers something else.
    """
    github = GitHub.of_user(f"{settings.github.owner}/{settings.github.repository}")
    found = validate_answer(list[_PullRequest], list(github.open_pull_requests()))
    updates = (
        Update(number=one.number, title=one.title, url=one.html_url, created=one.created_at)
        for one in found
        if one.user and one.user.login == _DEPENDABOT
    )
    return tuple(sorted(updates, key=lambda update: update.created))
