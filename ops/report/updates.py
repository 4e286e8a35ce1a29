"""Dependency updates that wait for review: Dependabot's open pull requests, asked of GitHub's own command."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from installation.settings import Settings

_FIELDS: Final = "number,title,url,createdAt"
_SECONDS: Final = 30


class NotKnownError(Exception):
    """GitHub could not be asked; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Update:
    """One pull request of Dependabot."""

    number: int
    title: str
    url: str
    created: datetime


def read_updates(settings: Settings, *, command: str = "gh") -> tuple[Update, ...]:
    """The open updates, the oldest first.

    Raises:
        NotKnownError: the command is not there, is not logged in, or answers something else.
    """
    program = shutil.which(command)
    if program is None:
        raise NotKnownError("GitHub was not asked: its command `gh` is not installed here.")
    repository = f"{settings.github.owner}/{settings.github.repository}"
    arguments = ["pr", "list", "--repo", repository, "--app", "dependabot", "--state", "open", "--limit", "100"]
    try:
        finished = subprocess.run(  # noqa: S603 - a fixed command, no shell
            [program, *arguments, "--json", _FIELDS],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotKnownError(f"GitHub did not answer within {_SECONDS} seconds.") from None
    if finished.returncode != 0:
        reason = next(iter(finished.stderr.strip().splitlines()), "no reason given")
        raise NotKnownError(f"GitHub could not be asked: {reason}")
    return tuple(sorted(_updates(finished.stdout), key=lambda update: update.created))


def _updates(answer: str) -> list[Update]:
    try:
        return [
            Update(
                number=int(one["number"]),
                title=str(one["title"]),
                url=str(one["url"]),
                created=datetime.fromisoformat(one["createdAt"]),
            )
            for one in json.loads(answer)
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise NotKnownError(f"GitHub's command answered something else than pull requests: {error}") from error
