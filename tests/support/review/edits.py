"""Edits of the synthesized application as data: cases with arguments, and their application."""

import copy
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from installation import yaml_text
from tests.support.review.application import Application

CASES = Path(__file__).parents[2] / "unit" / "ops" / "review" / "cases"


class Case(BaseModel):
    """One edit, its expected verdict, and the argument for the verdict."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: str
    in_: str = Field(alias="in")
    at: str = ""
    set: dict[str, Any] = Field(default_factory=dict)
    append: dict[str, Any] = Field(default_factory=dict)
    delete: list[str] = Field(default_factory=list)
    text: dict[str, dict[str, str]] = Field(default_factory=dict)
    reverse: list[str] = Field(default_factory=list)
    remove: bool = False
    rename: str = ""
    move: str = ""
    add: dict[str, Any] | None = None
    template: dict[str, Any] = Field(default_factory=dict)
    stack: dict[str, Any] = Field(default_factory=dict)
    verdict: Literal["risk", "look", "harmless"]
    why: str = Field(min_length=5)

    def apply(self, app: Application) -> None:
        """Apply the edit."""
        if self.at:
            self._at_resource(app)
        if self.add is not None:
            added = copy.deepcopy(self.add)
            app.add(self.in_, added["id"], added["type"], added["properties"])
        template = app.templates[self.in_]
        for path, value in self.template.get("set", {}).items():
            _set(template, _parts(path), copy.deepcopy(value))
        for path in self.template.get("delete", []):
            _delete(template, _parts(path))
        if "protected" in self.stack:
            app.protected[self.in_] = self.stack["protected"]
        if "lifecycle" in self.stack:
            app.tags[self.in_]["Lifecycle"] = self.stack["lifecycle"]
        if self.stack.get("gone"):
            del app.templates[self.in_]

    def _at_resource(self, app: Application) -> None:
        resource = app.resource(self.in_, self.at)
        for path, value in self.set.items():
            _set(resource, _of_resource(path), copy.deepcopy(value))
        for path, value in self.append.items():
            target = _get(resource, _of_resource(path))
            if not isinstance(target, list):
                target = [target]
                _set(resource, _of_resource(path), target)
            target.append(copy.deepcopy(value))
        self._take_away(resource)
        self._around(app)

    def _take_away(self, resource: dict[str, Any]) -> None:
        for path in self.delete:
            _delete(resource, _of_resource(path))
        for path, replaced in self.text.items():
            _set(resource, _of_resource(path), _replaced(_get(resource, _of_resource(path)), replaced))
        for path in self.reverse:
            _get(resource, _of_resource(path)).reverse()

    def _around(self, app: Application) -> None:
        if self.remove:
            app.remove(self.in_, self.at)
        if self.rename:
            _rename(app, self.in_, app.id_of(self.in_, self.at), self.rename)
        if self.move:
            logical_id = app.id_of(self.in_, self.at)
            app.resources(self.move)[logical_id] = app.resources(self.in_).pop(logical_id)
            app.paths[self.move][logical_id] = f"{self.move}/{self.at}/Resource"


def cases() -> list[Case]:
    """All cases."""
    files = sorted(CASES.glob("*.yaml"))
    return [case for file in files for case in yaml_text.read(file, list[Case])]


def _of_resource(path: str) -> list[str]:
    return _parts(path[1:]) if path.startswith(".") else ["Properties", *_parts(path)]


def _parts(path: str) -> list[str]:
    return path.split("/")


def _step(value: Any, part: str) -> str | int:
    """The key or index for a part of a path."""
    if not isinstance(value, list):
        return part
    if part.isdigit():
        return int(part)
    key, _, wanted = part.partition("=")
    return next(number for number, it in enumerate(value) if str(it.get(key)) == wanted)


def _get(value: Any, path: list[str]) -> Any:
    for part in path:
        value = value[_step(value, part)]
    return value


def _set(value: Any, path: list[str], new: Any) -> None:
    for part in path[:-1]:
        value = value.setdefault(part, {}) if isinstance(value, dict) else value[_step(value, part)]
    value[_step(value, path[-1])] = new


def _delete(value: Any, path: list[str]) -> None:
    parent = _get(value, path[:-1])
    del parent[_step(parent, path[-1])]


def _replaced(value: Any, replaced: dict[str, str]) -> Any:
    text = value if isinstance(value, str) else json.dumps(value)
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, new)
    return text if isinstance(value, str) else json.loads(text)


def _rename(app: Application, stack: str, old: str, new: str) -> None:
    text = json.dumps(app.templates[stack])
    app.templates[stack] = json.loads(text.replace(f'"{old}"', f'"{new}"'))
