"""What is saved of several services fits together, though they are read one after the other, or the disk is full."""

import json
from pathlib import Path
from typing import Any

import pytest
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import lambda_svc

from embedded_aws.core.context import JsonValue, Store
from embedded_aws.core.state import _COPY, StateKeeper, _reading
from embedded_aws.core.state_files import StateError, StateFiles


def test_a_resource_that_is_made_while_it_saves_is_saved_with_its_record(tmp_path: Path) -> None:
    stack: list[JsonValue] = []
    service: list[JsonValue] = []

    def read_service() -> JsonValue:
        if not service:  # made after the stack was read
            stack.append("Service")
            service.append("api")
        return service

    stores = (
        Store(name="a_stack", get=lambda: stack, set=lambda _: None),
        Store(name="service", get=read_service, set=lambda _: None),
    )
    keeper = StateKeeper(tmp_path, stores, lambda: tuple(stack))
    keeper.changed()
    keeper.commit(logs=True)
    saved = {name: json.loads((tmp_path / f"{name}.json").read_text())["payload"] for name in ("a_stack", "service")}
    assert saved == {"a_stack": ["Service"], "service": ["api"]}


def test_a_change_that_a_full_disk_did_not_take_is_not_answered(tmp_path: Path) -> None:
    keeper = StateKeeper(tmp_path, (Store(name="service", get=lambda: "api", set=lambda _: None),))
    in_the_way = tmp_path / "service.partial"
    in_the_way.mkdir()
    keeper.changed()
    with pytest.raises(OSError, match="directory"):
        keeper.commit()
    with pytest.raises(OSError, match="directory"):
        keeper.commit()
    in_the_way.rmdir()
    keeper.commit()
    assert json.loads((tmp_path / "service.json").read_text())["payload"] == "api"


def test_a_set_of_files_that_broke_off_is_written_again_whole(tmp_path: Path) -> None:
    files = StateFiles(tmp_path)
    first, second = ({"payload": number, "format": 1} for number in (1, 2))
    old, new = (json.dumps(each).encode() for each in (first, second))
    files.write({"a": old, "b": old})
    (tmp_path / "b.partial").mkdir()
    with pytest.raises(OSError, match="directory"):
        files.write({"a": new, "b": new})
    (tmp_path / "b.partial").rmdir()
    # One of them is again what it was before.
    files.write({"a": old, "b": new})
    after = StateFiles(tmp_path)
    after.recover()
    assert (after.read("a"), after.read("b")) == (1, 2)


def test_an_answer_waits_for_a_save_that_goes_on(tmp_path: Path) -> None:
    """Its own change may be what is being written, and the mark of it is gone already."""
    saved: list[bool] = []
    keeper = StateKeeper(tmp_path, (Store(name="service", get=lambda: saved.append(keeper.is_saved()), set=print),))
    assert keeper.is_saved()
    keeper.changed()
    assert not keeper.is_saved()
    keeper.commit()
    assert saved == [False]
    assert keeper.is_saved()


def test_what_could_not_be_written_is_not_saved(tmp_path: Path) -> None:
    keeper = StateKeeper(tmp_path, (Store(name="service", get=lambda: "api", set=print),))
    (tmp_path / "service.partial").mkdir()
    keeper.changed()
    with pytest.raises(OSError, match="directory"):
        keeper.commit()
    assert not keeper.is_saved()


def test_what_a_service_takes_out_of_what_is_saved_stays_where_it_is() -> None:
    """As the emulator does with the ids of containers and the code of functions."""
    record: dict[str, Any] = {"id": "i-1", "container": "c-1", "versions": {"1": {"code": b"x", "size": 1}}}
    store = AccountRegionScopedDict()
    store.set_scoped("000000000000", "ap-northeast-1", "function", record)
    before = json.dumps(record, default=str)
    with _reading("lambda"):
        of_store = _COPY.deepcopy(store).get_scoped("000000000000", "ap-northeast-1", "function")
        alone = _COPY.deepcopy(record)
    del of_store["container"]
    of_store["versions"]["2"] = {}
    del alone["container"]
    del alone["versions"]["1"]["code"]
    assert alone == {"id": "i-1", "versions": {"1": {"size": 1}}}
    assert json.dumps(record, default=str) == before


def test_a_copy_is_whole_while_no_state_is_read() -> None:
    deep: list[Any] = [[[[["x"]]]]]
    copied = _COPY.deepcopy(deep)
    copied[0][0][0][0][0] = "y"
    assert deep == [[[[["x"]]]]]


def saved_stacks(folder: Path, stacks: Any) -> StateKeeper:
    text = json.dumps({"payload": {"stacks": stacks}})
    (folder / "cloudformation.json").write_text(text)
    return StateKeeper(folder, ())


@pytest.mark.parametrize("stacks", [[], "x", None, {"__account_region_scoped__": True, "data": []}])
def test_what_a_service_would_pass_over_is_refused_by_the_file_name(tmp_path: Path, stacks: Any) -> None:
    """It would begin empty, and the next save would delete what is in the file."""
    with pytest.raises(StateError, match=r"cannot use the saved state .*/cloudformation\.json"):
        saved_stacks(tmp_path, stacks).load()


@pytest.mark.parametrize("scope", ["__account_region_scoped__", "__scoped__"])
def test_saved_stacks_are_taken(tmp_path: Path, scope: str) -> None:
    """An emulator that keeps a service by region takes what its version before has kept by account."""
    saved_stacks(tmp_path, {scope: True, "data": {}}).load()


@pytest.mark.parametrize("payload", [None, [], 0, "x"])
def test_a_service_takes_no_other_kind_of_state(tmp_path: Path, payload: Any) -> None:
    (tmp_path / "cloudformation.json").write_text(json.dumps({"payload": payload}))
    with pytest.raises(StateError, match=r"cannot use the saved state .*/cloudformation\.json"):
        StateKeeper(tmp_path, ()).load()


def test_an_extension_takes_no_other_kind_of_state(tmp_path: Path) -> None:
    (tmp_path / "codedeploy.json").write_text(json.dumps({"payload": {"applications": []}}))
    taken: dict[str, JsonValue] = {"applications": {}}
    with pytest.raises(StateError, match="its service cannot use its 'applications'"):
        StateKeeper(tmp_path, (Store(name="codedeploy", get=lambda: taken, set=lambda _: None),)).load()


def test_code_of_functions_outlives_a_file_that_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_svc, "CODE_BLOB_DIR", str(tmp_path / "lambda-blobs"))
    blob = tmp_path / "lambda-blobs" / "code.zip"
    blob.parent.mkdir()
    blob.touch()
    (tmp_path / "lambda.json").write_text(json.dumps({"payload": {"functions": {}}}))
    with pytest.raises(StateError, match="its service cannot use its 'functions'"):
        StateKeeper(tmp_path, ()).load()
    assert blob.exists()
