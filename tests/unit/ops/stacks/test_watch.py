"""The CDK goes on when CloudFormation cannot be asked how far it is for a while."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.parsers import ResponseParserError

from ops.aws.polling import Polling
from ops.errors import FailedError
from ops.stacks.cdk import CdkLog
from ops.stacks.progress import StackWatcher
from ops.stacks.watch import Watching, failure, follow
from tests.support.fake_clients import client_error
from tests.support.fakes import FakeAccount

LOST = EndpointConnectionError(endpoint_url="https://aws")
THROTTLED = client_error("Throttling", "Rate exceeded", "DescribeStacks")


def followed(answers: list[Any], codes: list[int | None], messages: list[str]) -> Any:
    """What comes of a run of the CDK with these exit codes, while each poll gives, or raises, one of the answers."""

    def poll() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    aws = SimpleNamespace(polling=Polling(seconds=0, sleep=lambda _: None))
    run = SimpleNamespace(exit_code=lambda: codes.pop(0))
    watcher = SimpleNamespace(poll=poll, aws=aws, events=(), expect=lambda: None)
    return follow(cast("Any", run), cast("Any", watcher), Watching(notify=messages.append))


def test_a_deletion_that_fails_again_at_once_is_cloudformations_failure(account: FakeAccount, tmp_path: Path) -> None:
    """The stack is in the same state before and after, and the message was that the CDK had failed before it."""
    account.add_stack("StorageStack", "DELETE_FAILED")
    watcher = StackWatcher(account.aws(), ("StorageStack",))
    account.add_event("StorageStack", "DELETE_IN_PROGRESS")
    account.add_event("StorageStack", "DELETE_FAILED", "Group", reason="in use")
    account.add_event("StorageStack", "DELETE_FAILED")
    run = SimpleNamespace(exit_code=lambda: 1, log=CdkLog(path=tmp_path / "log"))
    with pytest.raises(FailedError, match=r"StorageStack: Group .* is DELETE_FAILED: in use"):
        follow(cast("Any", run), watcher, Watching())


@pytest.mark.parametrize(
    "passing",
    [THROTTLED, LOST, client_error("InternalFailure", "Unknown", status=500), ResponseParserError("no element found")],
)
def test_a_poll_without_an_answer_does_not_end_the_cdk(passing: Exception) -> None:
    told: list[str] = []
    assert followed([(), passing, passing, ("end",)], [None, None, None, 0], told) == ("end",)
    (line,) = told
    assert "The CDK goes on" in line
    assert "another server" not in line  # half an answer is AWS's own


@pytest.mark.parametrize(
    ("error", "codes"),
    [(client_error("ExpiredToken"), [None]), (client_error("AccessDenied"), [None]), (THROTTLED, [0]), (LOST, [1])],
)
def test_what_does_not_pass_and_what_is_left_to_ask_at_the_end_is_raised(error: Exception, codes: list[Any]) -> None:
    with pytest.raises((ClientError, EndpointConnectionError)):
        followed([error], codes, [])


@pytest.mark.parametrize(
    "busy",
    [
        "Another CLI (PID=8523) is currently synthing to cdk.out",
        "Other CLIs (PID=1,2) are currently reading from cdk.out",
    ],
)
def test_a_cdk_that_another_one_keeps_from_beginning_is_to_be_repeated(tmp_path: Path, busy: str) -> None:
    """Not by the CDK's own option, which no command of ours takes."""
    log = CdkLog(path=tmp_path / "log")
    log.path.write_text(f"{busy}. Invoke the CLI in sequence, or use '--output' to synth into different directories.\n")
    error = failure(cast("Any", SimpleNamespace(events=())), log, 1)
    assert busy in error.problem
    assert error.advice[0].startswith("Run the command again")


def test_a_cdk_that_fails_before_cloudformation_is_to_be_repeated(tmp_path: Path) -> None:
    """As where another operator has deployed the stack meanwhile, by a change set of the same name."""
    log = CdkLog(path=tmp_path / "log")
    log.path.write_text("StorageStack failed to deploy\nChangeSetNotFoundException\n")
    error = failure(cast("Any", SimpleNamespace(events=())), log, 1)
    assert "ChangeSetNotFoundException" in error.advice
    assert error.advice[-1].startswith("Remove the cause and run the command again")
