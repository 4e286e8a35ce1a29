"""The CDK goes on when CloudFormation cannot be asked how far it is for a while."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ops.aws.polling import Polling
from ops.stacks.watch import Watching, follow
from tests.support.fake_clients import client_error

LOST = EndpointConnectionError(endpoint_url="https://aws")
THROTTLED = client_error("Throttling", "Rate exceeded", "DescribeStacks")


def followed(answers: list[Any], codes: list[int | None], told: list[str]) -> Any:
    """What comes of a run of the CDK with these exit codes, while each poll gives, or raises, one of the answers."""

    def poll() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    aws = SimpleNamespace(polling=Polling(seconds=0, sleep=lambda _: None))
    run = SimpleNamespace(exit_code=lambda: codes.pop(0))
    watcher = SimpleNamespace(poll=poll, aws=aws, events=())
    return follow(cast("Any", run), cast("Any", watcher), Watching(tell=told.append))


@pytest.mark.parametrize("passing", [THROTTLED, LOST, client_error("InternalFailure", "Unknown", status=500)])
def test_a_poll_without_an_answer_does_not_end_the_cdk(passing: Exception) -> None:
    told: list[str] = []
    assert followed([(), passing, passing, ("end",)], [None, None, None, 0], told) == ("end",)
    (line,) = told
    assert "The CDK goes on" in line


@pytest.mark.parametrize(
    ("error", "codes"),
    [(client_error("ExpiredToken"), [None]), (client_error("AccessDenied"), [None]), (THROTTLED, [0]), (LOST, [1])],
)
def test_what_does_not_pass_and_what_is_left_to_ask_at_the_end_is_raised(error: Exception, codes: list[Any]) -> None:
    with pytest.raises((ClientError, EndpointConnectionError)):
        followed([error], codes, [])
