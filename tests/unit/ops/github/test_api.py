"""One comment and one issue, over real HTTP to a small GitHub of this process."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli.app import build
from ops.errors import ExitCode, FailedError, UnusableInputError
from ops.github.api import GitHub
from tests.support.github import FakeGitHub

MARKER = "<!-- ours -->"


@pytest.fixture
def client(github: FakeGitHub) -> GitHub:
    return GitHub(address=github.address, repository="owner/name", token="secret")


def test_a_second_review_changes_the_comment_of_the_first(github: FakeGitHub, client: GitHub) -> None:
    github.comments += [{"id": 1, "body": "hello", "user": {"type": "User"}, "html_url": "https://github/1"}]
    client.comment_once(7, "first", MARKER)
    client.comment_once(7, "second", MARKER)
    assert [comment["body"] for comment in github.comments] == ["hello", f"{MARKER}\nsecond"]
    assert github.tokens == {"Bearer secret"}


def test_a_person_who_quotes_the_comment_keeps_theirs(github: FakeGitHub, client: GitHub) -> None:
    github.comments += [{"id": 1, "body": f"> {MARKER}", "user": {"type": "User"}, "html_url": "https://github/1"}]
    client.comment_once(7, "ours", MARKER)
    assert [comment["body"] for comment in github.comments] == [f"> {MARKER}", f"{MARKER}\nours"]


def test_the_comment_is_found_behind_a_hundred_others(github: FakeGitHub, client: GitHub) -> None:
    others = {"body": "talk", "user": {"type": "User"}}
    github.comments += [{"id": number + 1, "html_url": f"https://github/{number}"} | others for number in range(130)]
    client.comment_once(7, "first", MARKER)
    client.comment_once(7, "second", MARKER)
    assert len(github.comments) == 131


def test_a_report_that_is_too_long_is_cut_and_says_so(github: FakeGitHub, client: GitHub) -> None:
    client.comment_once(7, "x" * 70_000, MARKER)
    body = github.comments[0]["body"]
    assert len(body) == 65_536
    assert body.endswith("(cut: GitHub takes no more)")


def test_a_comment_that_is_cut_before_its_marker_is_found_again(github: FakeGitHub, client: GitHub) -> None:
    client.comment_once(7, f"{'x' * 70_000}\n{MARKER}", MARKER)
    client.comment_once(7, "second", MARKER)
    assert [comment["body"] for comment in github.comments] == [f"{MARKER}\nsecond"]


def test_an_issue_is_opened_kept_and_closed(github: FakeGitHub, client: GitHub) -> None:
    client.issue_open("Drift", "one thing", MARKER)
    client.issue_open("Drift", "two things", MARKER)
    assert [issue["body"] for issue in github.issues] == [f"{MARKER}\ntwo things"]
    assert client.issue_closed("nothing any more", MARKER)
    assert github.issues[0]["state"] == "closed"
    assert github.comments[0]["body"] == "nothing any more"
    assert client.issue_closed("nothing any more", MARKER) == ""
    client.issue_open("Drift", "again", MARKER)
    assert len(github.issues) == 2


def test_a_pull_request_is_no_issue(github: FakeGitHub, client: GitHub) -> None:
    github.issues += [{"number": 1, "body": MARKER, "pull_request": {}}]
    client.issue_open("Drift", "one thing", MARKER)
    assert len(github.issues) == 2


def test_a_refusal_is_reported_in_githubs_words(github: FakeGitHub, client: GitHub) -> None:
    github.status = 403
    with pytest.raises(FailedError, match="403"):
        client.comment_once(7, "body", MARKER)
    with pytest.raises(FailedError, match="cannot be reached"):
        GitHub(address="http://127.0.0.1:9", repository="a/b", token="t").issue_closed("x", MARKER)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\n\x83\x65\x83\x58",  # in Shift JIS
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 400\r\n\r\n<html",
        b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n[{",
        b"no HTTP\r\n\r\n",
        b"",
    ],
)
def test_a_proxy_in_between_and_an_answer_that_breaks_off_are_no_tracebacks(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as pool:
        pool.submit(_answer_once, server, answer)
        client = GitHub(address=f"http://127.0.0.1:{server.getsockname()[1]}", repository="a/b", token="t")
        with pytest.raises(FailedError, match="GitHub"):
            client.repository()


def _answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(answer)


@pytest.mark.parametrize(
    ("address", "token"), [("api.github.example", "t"), ("http://[", "t"), ("http://127.0.0.1:9", "ghp_secret\r")]
)
def test_an_address_or_a_token_that_is_none_is_told_without_the_token(address: str, token: str) -> None:
    """Python's own error shows the header."""
    with pytest.raises(UnusableInputError, match="is no address, or the token holds a line break") as refused:
        GitHub(address=address, repository="a/b", token=token).repository()
    assert "ghp_secret" not in refused.value.problem


def test_outside_of_a_workflow_there_is_no_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    with pytest.raises(UnusableInputError, match="GITHUB_REPOSITORY"):
        GitHub.from_environment()


@pytest.fixture
def run(github: FakeGitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Run a command as a step of a workflow does."""
    monkeypatch.setenv("GITHUB_API_URL", github.address)
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))

    def call(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(build(), ["github", *arguments])
        return result.exit_code, result.output

    return call


def test_the_steps_of_pr_check_and_drift(
    run: Callable[..., tuple[int, str]], github: FakeGitHub, tmp_path: Path
) -> None:
    report = tmp_path / "report.md"
    report.write_text("nothing to see")
    assert run("comment", "--pull-request", "7", "--file", str(report))[0] == ExitCode.DONE
    drift = ("issue", "--title", "Drift in dev", "--file", str(report), "--state")
    assert run(*drift, "closed")[1].strip() == "There is no such issue."
    assert run(*drift, "open")[0] == ExitCode.DONE
    assert run(*drift, "closed")[0] == ExitCode.DONE
    assert github.issues[0]["state"] == "closed"


def test_a_label_is_taken_away_once(run: Callable[..., tuple[int, str]], github: FakeGitHub) -> None:
    github.labels = [{"name": "dependencies"}, {"name": "accept-risk"}]
    assert run("withdraw", "--pull-request", "7") == (ExitCode.DONE, "accept-risk is taken away.\n")
    assert run("withdraw", "--pull-request", "7") == (ExitCode.DONE, "There is no label accept-risk.\n")
    assert github.labels == [{"name": "dependencies"}]


def test_the_plan_of_deploy(run: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    code, text = run("plan", "--mode", "canary", "--sources", "owner/api")
    assert code == ExitCode.DONE
    assert "build owner/api" in text
    outputs = dict(line.split("=") for line in (tmp_path / "output").read_text().splitlines())
    assert outputs["runner"] == "ubuntu-24.04-arm"
    assert outputs["build"] == "true"
    assert outputs["started"].isdecimal()
    assert "canary in dev" in (tmp_path / "summary").read_text()
    assert run("plan", "--mode", "canary")[0] == ExitCode.UNUSABLE_INPUT


def test_the_plan_of_destroy(run: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    assert run("month-end", "--confirm", "no")[0] == ExitCode.REFUSED
    assert not (tmp_path / "output").exists()
    assert run("month-end", "--confirm", "nestjs-hannibal-3")[0] == ExitCode.DONE
    assert "destroy=true\n" in (tmp_path / "output").read_text()


def test_an_issue_that_another_account_opened_is_left_alone(github: FakeGitHub, client: GitHub) -> None:
    """Anybody may write the marker into an issue, and would have the drift told or closed there."""
    stranger = {"user": {"type": "Bot", "login": "somebody[bot]"}}
    github.issues.append({"number": 1, "id": 1, "html_url": "x", "body": MARKER, "state": "open"} | stranger)

    client.issue_open("Drift in dev", "one thing", MARKER)

    assert len(github.issues) == 2
    assert github.issues[0]["body"] == MARKER
