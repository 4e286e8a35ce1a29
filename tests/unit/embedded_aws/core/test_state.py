"""What is saved of several services fits together, though they are read one after the other."""

import json
from pathlib import Path

from embedded_aws.core.context import JsonValue, Store
from embedded_aws.core.state import StateKeeper


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
