"""What is written is what the emulator reads again, whichever of the two writers can write it."""

import json
from typing import Any

import pytest
from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

from embedded_aws.core.state_files import encode


def scoped(value: Any) -> Any:
    store = AccountRegionScopedDict()
    store.set_scoped("000000000000", "ap-northeast-1", ("a", "tuple"), value)
    return store


def by_account(value: Any) -> Any:
    store = AccountScopedDict()
    store._data[("000000000000", "key")] = value
    return store


@pytest.mark.parametrize(
    "payload",
    [
        {"store": scoped({"text": "Ä\x00", "numbers": [1, 2.5, True, None], "pair": (1, 2)}), "port": 5},
        {"store": by_account({"deep": {"deeper": [{"x": "y"}]}}), "none": None},
        {"bytes": scoped({"body": b"\xff\x00"})},
        {"keys": {1: "one", None: "none", 0.5: "half"}},
        {"large": 2**80, "half a letter": "\ud800"},
        {"nested": {"store": scoped("x")}},
        [[{"groups": 1}], {"store": scoped("x")}],
        None,
    ],
)
def test_it_is_as_the_emulator_writes_it(payload: Any) -> None:
    written = {"__ministack_format__": persistence._state_format_version("sns"), "payload": payload}
    assert json.loads(encode("sns", payload)) == json.loads(json.dumps(written, default=persistence._json_default))


def test_what_cannot_be_written_is_an_error() -> None:
    with pytest.raises(TypeError):
        encode("sns", {"object": object()})  # type: ignore[dict-item]
