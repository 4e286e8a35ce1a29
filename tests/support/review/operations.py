"""Edits of the synthesized application as lists of operations, for cases whose verdicts were written before any run."""

import copy
import json
import re
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from installation import yaml_text
from tests.support.review.application import Application

_FOLDER = Path(__file__).parents[2] / "unit" / "ops" / "review"
FILES = tuple(_FOLDER / name for name in ("drawn.yaml", "drawn_again.yaml"))
# A placeholder for the logical id of a construct, or for the output with it.
_MARK = re.compile(r"\{\{(logical|output):([^{}]+)\}\}")
Place = tuple[Any, str | int]


class Operation(BaseModel):
    """One operation. Pointers are JSON pointers; ``[Key=value]`` is an element of a list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: Literal[
        "set", "delete", "append", "rename", "replace-text", "replace-text-deep", "reorder", "swap", "move",
        "rename-resource", "delete-resource", "add-resource",
    ]  # fmt: skip
    at: str = ""
    stack: str = ""
    pointer: str = ""
    value: Any = None
    to: str = ""
    to_at: str = ""
    old: str = ""
    new: str = ""
    order: Literal["reverse"] | list[int] = "reverse"
    id: str = ""


class DrawnCase(BaseModel):
    """One edit, the verdict that was written before any run, and the argument for it.

    Attributes:
        id: the file of cases explains its letter.
        title: description of the edit.
        verdict: that of the reviewer who wrote the case.
        argument: the reason for the verdict.
        said: the verdict of the review, where it differs.
        second_thought: what the reviewer wrote about the difference after the first run.
        edit: the operations.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    verdict: Literal["risk", "look", "harmless"]
    argument: str = Field(min_length=5)
    said: Literal["", "risk", "look", "harmless"] = ""
    second_thought: str = ""
    edit: list[Operation]

    def apply(self, app: Application) -> None:
        """Apply the edit."""
        before = orjson.dumps(app.templates)
        for operation in self.edit:
            _apply(app, operation)
        assert orjson.dumps(app.templates) != before, f"{self.id} changes nothing"


def drawn_cases() -> list[DrawnCase]:
    """All cases."""
    return [case for file in FILES for case in yaml_text.read(file, list[DrawnCase])]


def _apply(app: Application, it: Operation) -> None:
    stack = it.stack or it.at.partition("/")[0]
    template = app.templates[stack]
    if it.op == "add-resource":
        template["Resources"][it.id] = _filled(app, it.value)
    elif it.op == "delete-resource":
        del template["Resources"][_id(app, it.at)]
    elif it.op == "rename-resource":
        text = json.dumps(template)
        app.templates[stack] = json.loads(text.replace(f'"{_id(app, it.at)}"', f'"{it.to}"'))
    else:
        _at_place(app, it, template["Resources"][_id(app, it.at)] if it.at else template)


def _at_place(app: Application, it: Operation, root: Any) -> None:
    node, key = _find(root, it.pointer)
    if it.op == "set":
        node[key] = _filled(app, it.value)
    elif it.op == "delete":
        del node[key]
    elif it.op == "append":
        node[key].append(_filled(app, it.value))
    elif it.op == "rename":
        content = [(it.to if name == key else name, value) for name, value in node.items()]
        node.clear()
        node.update(content)
    elif it.op in ("replace-text", "replace-text-deep"):
        text = json.dumps(node[key])
        old, new = (json.dumps(part)[1:-1] for part in (it.old, it.new))
        assert old in text, it.old
        replaced = text.replace(old, new) if it.op.endswith("deep") else new.join(text.rsplit(old, 1))
        node[key] = json.loads(replaced)
    elif it.op == "reorder":
        there = node[key]
        order = (
            range(len(there) - 1, -1, -1) if it.order == "reverse" else [*it.order, *range(len(it.order), len(there))]
        )
        there[:] = [there[number] for number in order]
    else:
        _with_another(app, it, (node, key))


def _with_another(app: Application, it: Operation, place: Place) -> None:
    """Move a value to another resource, or swap two."""
    node, key = place
    there, name = _find(app.templates[it.to_at.partition("/")[0]]["Resources"][_id(app, it.to_at)], it.to, make=True)
    if it.op == "swap":
        node[key], there[name] = there[name], node[key]
    else:
        value = node.pop(key)
        there[name] = value


def _id(app: Application, path: str) -> str:
    stack, _, rest = path.removesuffix("/Resource").partition("/")
    return app.id_of(stack, rest)


def _filled(app: Application, value: Any) -> Any:
    def name_of(match: re.Match[str]) -> str:
        logical_id = _id(app, match[2])
        outputs = app.templates[match[2].partition("/")[0]].get("Outputs", {})
        return (
            logical_id
            if match[1] == "logical"
            else next(name for name, output in outputs.items() if output.get("Value") == {"Ref": logical_id})
        )

    return json.loads(_MARK.sub(name_of, json.dumps(copy.deepcopy(value))))


def _find(root: Any, pointer: str, *, make: bool = False) -> Place:
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in re.split(r"/(?![^\[]*\])", pointer)[1:]]
    for part in parents:
        root = root.setdefault(part, {}) if make and isinstance(root, dict) else root[_step(root, part)]
    return root, _step(root, last)


def _step(node: Any, part: str) -> str | int:
    if not isinstance(node, list):
        return part
    if match := re.fullmatch(r"\[(\w+)=(.*)\]", part):
        return next(number for number, it in enumerate(node) if str(it.get(match[1])) == match[2])
    return int(part)
