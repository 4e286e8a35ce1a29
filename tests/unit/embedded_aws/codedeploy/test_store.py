"""Deployments that are listed while a rollback adds one."""

from collections.abc import Callable
from typing import Any

import pytest

from embedded_aws.codedeploy.configurations import Configurations
from embedded_aws.codedeploy.deployments import Deployments
from embedded_aws.codedeploy.store import Record, Store


class _Reading(dict[str, Any]):
    """A record during whose reading another thread does something."""

    def __init__(self, content: Record, meanwhile: Callable[[], None]) -> None:
        super().__init__(content)
        self._meanwhile = meanwhile

    def __getitem__(self, key: str) -> Any:
        self._meanwhile()
        return super().__getitem__(key)


@pytest.mark.parametrize(
    "read",
    [
        lambda store, group: [it["info"]["deploymentId"] for it in store.deployments_of(group)],
        lambda store, _: Deployments(store, Configurations(store), start=lambda _: None).list({})["deployments"],
    ],
)
def test_a_list_is_of_one_moment(read: Callable[[Store, Record], list[str]]) -> None:
    store, group = Store(), {"applicationName": "shop", "deploymentGroupName": "blue"}
    info = group | {"deploymentId": "d-1", "status": "InProgress", "createTime": 1.0}
    rollback = {"info": info | {"deploymentId": "d-2"}}
    store.deployments["d-1"] = _Reading({"info": info}, lambda: store.deployments.update({"d-2": rollback}))
    assert read(store, group) == ["d-1"]
