"""Collects all tests in one process of xdist: in each of six it would take six seconds of processor time.

The others read which tests there are, and import a file when the first of its tests is to run.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from filelock import FileLock


class _Tests(Sequence[Any]):
    """The tests of a session by their places, each collected when it is asked for; iterated, only their ids."""

    def __init__(self, session: pytest.Session, ids: list[str]) -> None:
        root = session.config.rootpath

        @cache
        def node_of(path: Path) -> Any:
            """The node of a folder or file. A folder has one, which the fixtures of its conftest file belong to."""
            if path == root:
                (node,) = session._collect_path(path, {})
                return node
            siblings = session._collect_one_node(node_of(path.parent))[0].result
            return next(node for node in siblings if node.path == path)

        # Folders are collected now: pytest forgets their conftest files when its collection ends.
        nodes = {file: node_of(root / file) for file in {node_id.split("::")[0] for node_id in ids}}
        self._ids = ids
        self._in_file = cache(lambda file: {item.nodeid: item for item in session.genitems(nodes[file])})

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Any]:
        return (SimpleNamespace(nodeid=node_id) for node_id in self._ids)

    def __getitem__(self, place: Any) -> Any:
        node_id = self._ids[place]
        return self._in_file(node_id.split("::")[0])[node_id]


def pytest_collection(session: pytest.Session) -> None:
    """Let pytest's own collection, which follows, share its result with the other processes of xdist."""
    if not hasattr(session.config, "workerinput"):
        return
    collect = session.perform_collect
    listed = session.config._tmp_path_factory.getbasetemp().parent / "tests.json"  # type: ignore[attr-defined]

    def collect_once() -> None:
        with FileLock(f"{listed}.lock"):
            if not listed.exists():
                collect()
                listed.write_text(json.dumps([item.nodeid for item in session.items]))
                return
        session.items = _Tests(session, json.loads(listed.read_text()))  # type: ignore[assignment]
        session.testscollected = len(session.items)
        session.config.hook.pytest_collection_finish(session=session)

    session.perform_collect = collect_once  # type: ignore[assignment,method-assign]
