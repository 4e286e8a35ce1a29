"""An answer keeps its form; one about a service that the emulator lacks gets a code that clients read."""

import asyncio
import json
from typing import Any

import pytest

from embedded_aws.iam.authorization.unknown_operations import _with_a_code


def answered(body: object) -> tuple[int, dict[str, str], Any]:
    async def original() -> tuple[int, dict[str, str], object]:
        return 200, {}, body

    return asyncio.run(_with_a_code(original))


@pytest.mark.parametrize("body", ["<Answer/>", b"<Answer/>", bytearray(b"<Answer/>"), "", b""])
def test_an_answer_is_left_as_it_is(body: object) -> None:
    assert answered(body) == (200, {}, body)


@pytest.mark.parametrize("form", [str, str.encode])
def test_of_a_service_that_it_lacks_it_says_so_with_a_code(form: Any) -> None:
    _, headers, body = answered(form('{"error": "Unsupported service: quantum"}'))
    assert headers == {"x-amzn-errortype": "InvalidAction"}
    assert json.loads(body) == {"__type": "InvalidAction", "message": "Unsupported service: quantum"}
