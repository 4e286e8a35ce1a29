"""What is written is what the emulator reads again, whichever of the two writers can write it."""

import json
from pathlib import Path
from typing import Any

import pytest
from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

from embedded_aws.core.state_files import StateError, StateFiles, encode


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
        {"template": scoped({"body": 'Ä"\n' * 10_000, "status": "made", 1: "one"})},
        [[{"groups": 1}], {"store": scoped("x")}],
        None,
    ],
)
def test_a_state_file_is_as_the_emulator_writes_it(payload: Any) -> None:
    written = {"__ministack_format__": persistence._state_format_version("sns"), "payload": payload}
    assert json.loads(encode("sns", payload)) == json.loads(json.dumps(written, default=persistence._json_default))


def test_a_long_text_is_written_beside_what_has_changed() -> None:
    record = {"body": "{}" * 10_000, "status": "CREATE_IN_PROGRESS"}
    store = scoped(record)
    first = encode("cloudformation", {"stacks": store})
    record["status"] = "CREATE_COMPLETE"
    assert encode("cloudformation", {"stacks": store}) == first.replace(b"CREATE_IN_PROGRESS", b"CREATE_COMPLETE")
    record["body"] = "[]" * 10_000
    assert b"{}{}" not in encode("cloudformation", {"stacks": store})


def test_what_cannot_be_written_is_an_error() -> None:
    with pytest.raises(TypeError):
        encode("sns", {"object": object()})  # type: ignore[dict-item]


@pytest.mark.parametrize("of_an_earlier_version", [False, True])
def test_a_set_of_files_that_was_not_finished_is_written_from_its_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_an_earlier_version: bool
) -> None:
    new = {"sns": encode("sns", {"topics": scoped("Ä")}), "sqs": encode("sqs", {"bytes": scoped(b"\xff")})}
    files = StateFiles(tmp_path)
    files.write({"sns": encode("sns", None), "sqs": encode("sqs", None)})
    kept = {name: tmp_path / f"{name}.json" for name in new}
    journal = tmp_path / "journal.partial-set"
    before = {name: file.read_bytes() for name, file in kept.items()}
    monkeypatch.setattr(files, "path", lambda _: tmp_path / "nowhere" / "file")
    with pytest.raises(FileNotFoundError):
        files.write(new)
    assert {name: file.read_bytes() for name, file in kept.items()} == before
    if of_an_earlier_version:
        journal.write_text(json.dumps({name: text.decode() for name, text in new.items()}))
    again = StateFiles(tmp_path)
    again.recover()
    assert {name: json.loads(file.read_bytes()) for name, file in kept.items()} == {
        name: json.loads(text) for name, text in new.items()
    }
    assert not journal.exists()
    found: Any = again.read("sqs")
    assert found["bytes"]._data == scoped(b"\xff")._data


def test_a_journal_that_is_not_complete_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal.partial-set").touch()
    with pytest.raises(StateError, match=r"cannot use the saved state .*journal\.partial-set: it is not complete"):
        StateFiles(tmp_path).recover()


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    files = StateFiles(tmp_path)
    files.write({"sns": b"{}", "sqs": b"{}"})
    (tmp_path / "sns.json").unlink()
    files.write({"sns": b"{}", "sqs": b"[]"})
    assert [file.name for file in tmp_path.iterdir()] == ["sqs.json"]
    assert (tmp_path / "sqs.json").read_bytes() == b"[]"
