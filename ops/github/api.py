"""The GitHub calls of this project: one comment and one issue, kept up to date, and open pull requests."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from ops.errors import FailedError, UnusableInputError

_ADDRESS: Final = "https://api.github.com"
_PAGE: Final = 100
_TIMEOUT_SECONDS: Final = 30
_MOST_SHOWN: Final = 200
_WORKFLOWS: Final = "github-actions[bot]"  # the author of what a job's own token writes
# GitHub refuses longer bodies (REST API: "body is too long (maximum is 65536 characters)").
_MOST_CHARACTERS: Final = 65_536

T = TypeVar("T")
Record = dict[str, Any]  # JSON, of which only a few fields are read


class GitHub:
    """One repository, ``owner/name``, with the job's own token or a user's."""

    def __init__(self, *, address: str, repository: str, token: str) -> None:
        self._repository = f"{address}/repos/{quote(repository)}"
        self._token = token

    @classmethod
    def from_environment(cls) -> Self:
        """The repository of the running workflow; UnusableInputError where there is none, or its step has no token."""
        try:
            return cls(
                address=os.environ.get("GITHUB_API_URL", _ADDRESS),
                repository=os.environ["GITHUB_REPOSITORY"],
                token=os.environ["GITHUB_TOKEN"],
            )
        except KeyError as error:
            raise UnusableInputError(f"{error.args[0]} is not set: this runs in a GitHub workflow") from None

    @classmethod
    def of_user(cls, repository: str) -> Self:
        """A repository with the user's token from the environment; UnusableInputError where there is none."""
        token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN")
        if not token:
            raise UnusableInputError(
                "GitHub was not asked: neither GITHUB_TOKEN nor GH_TOKEN is set.",
                "`export GITHUB_TOKEN=$(gh auth token)` takes the login of GitHub's command.",
            )
        return cls(address=os.environ.get("GITHUB_API_URL", _ADDRESS), repository=repository, token=token)

    def repository(self) -> Record:
        """The repository with its id and its owner's id."""
        return self._record("")

    def subject_format(self) -> Record:
        """The format of the subject in tokens of its jobs."""
        return self._record("/actions/oidc/customization/sub")

    def open_pull_requests(self) -> Iterator[Record]:
        """The open pull requests."""
        return self._pages("/pulls?state=open")

    def comment_once(self, number: int, body: str, marker: str) -> str:
        """Add a comment to a pull request, or update the comment with the marker; returns its URL."""
        text = _add_marker(body, marker)
        for comment in self._pages(f"/issues/{number}/comments"):
            if _has_marker(comment, marker):
                return str(self._call("PATCH", f"/issues/comments/{comment['id']}", {"body": text})["html_url"])
        return str(self._call("POST", f"/issues/{number}/comments", {"body": text})["html_url"])

    def take_label(self, number: int, label: str) -> bool:
        """Remove a label from a pull request; returns whether it had the label."""
        if all(one["name"] != label for one in self._pages(f"/issues/{number}/labels")):
            return False
        self._call("DELETE", f"/issues/{number}/labels/{quote(label, safe='')}")
        return True

    def issue_open(self, title: str, body: str, marker: str) -> str:
        """Open an issue, or update the open issue with the marker; returns its URL."""
        content = {"title": title, "body": _add_marker(body, marker)}
        if (issue := self._find_issue(marker)) is None:
            return str(self._call("POST", "/issues", content)["html_url"])
        return str(self._call("PATCH", f"/issues/{issue['number']}", content)["html_url"])

    def issue_closed(self, body: str, marker: str) -> str:
        """Close the open issue with the marker, with a comment; returns its URL, empty if there is none."""
        if (issue := self._find_issue(marker)) is None:
            return ""
        self._call("POST", f"/issues/{issue['number']}/comments", {"body": body})
        closed = self._call("PATCH", f"/issues/{issue['number']}", {"state": "closed", "state_reason": "completed"})
        return str(closed["html_url"])

    def _find_issue(self, marker: str) -> Record | None:
        issues = (it for it in self._pages("/issues?state=open") if "pull_request" not in it)
        return next((it for it in issues if _has_marker(it, marker)), None)

    def _record(self, path: str) -> Record:
        answer = self._call("GET", path)
        if not isinstance(answer, dict):
            raise FailedError(f"GitHub answered GET {path} with something else than an object")
        return answer

    def _pages(self, path: str) -> Iterator[Record]:
        number = 1
        while True:
            joint = "&" if "?" in path else "?"
            page = self._call("GET", f"{path}{joint}per_page={_PAGE}&page={number}")
            if not isinstance(page, list):
                raise FailedError(f"GitHub answered GET {path} with something else than a list")
            yield from page
            if len(page) < _PAGE:
                return
            number += 1

    def _call(self, method: str, path: str, content: Record | None = None) -> Any:
        try:
            request = urllib.request.Request(  # noqa: S310 - the address is GitHub's own, from the workflow's environment
                self._repository + path,
                data=None if content is None else json.dumps(content).encode(),
                method=method,
                headers={
                    "Accept": "application/vnd.github+json",
                    "Authorization": f"Bearer {self._token}",
                    "Content-Type": "application/json",
                    "X-GitHub-Api-Version": "2022-11-28",
                },
            )
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - GitHub's
                text = answer.read()
        except urllib.error.HTTPError as error:
            words = error.read(_MOST_SHOWN).decode(errors="replace")  # a proxy's page may not be UTF-8
            raise FailedError(f"GitHub refused {method} {path}: {error.code} {words}") from error
        except (OSError, HTTPException) as error:  # also an incomplete answer
            raise FailedError(f"GitHub cannot be reached: {error}") from error
        except ValueError:  # its message would show the token
            raise UnusableInputError("GITHUB_API_URL is no address, or the token holds a line break") from None
        try:
            return json.loads(text)
        except ValueError as error:
            raise FailedError(f"GitHub answered {method} {path} with something else than JSON: {error}") from error


def validate_answer(kind: type[T], answer: object) -> T:
    """GitHub's answer as a type that pydantic knows; FailedError where it does not match."""
    try:
        return TypeAdapter(kind).validate_python(answer)
    except ValidationError as error:
        raise FailedError(f"GitHub's answer has another form than expected: {error.errors()[0]['msg']}") from error


def _has_marker(written: Record, marker: str) -> bool:
    """Whether an issue or comment has a marker, and a workflow wrote it: anybody may open an issue with the marker."""
    return marker in (written.get("body") or "") and (written.get("user") or {}).get("login") == _WORKFLOWS


def _add_marker(body: str, marker: str) -> str:
    """The body with its marker, which GitHub does not show; a body that is too long is cut, with a note."""
    if marker in body and len(body) <= _MOST_CHARACTERS:
        return body
    head = f"{marker}\n"  # at the beginning, because the end may be cut
    room = _MOST_CHARACTERS - len(head)
    note = "\n\n(cut: GitHub takes no more)"
    return head + (body if len(body) <= room else body[: room - len(note)] + note)
