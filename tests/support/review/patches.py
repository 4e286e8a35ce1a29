"""Edits of stored synthesized applications as JSON patches, for cases whose verdicts were written before any run."""

import json
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy, deepcopy
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from installation import yaml_text
from ops.templates.assembly import Assembly, paths_in_template, read_assembly

_FOLDER = Path(__file__).parents[2] / "unit" / "ops" / "review"
_APPLICATIONS = _FOLDER / "third-applications.json.xz"
_TEMPLATE = ".template.json"


class Patch(BaseModel):
    """One operation on a file of a synthesized application (RFC 6902)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: Literal["add", "remove", "replace"]
    file: str
    path: str
    value: Any = None


class PatchedCase(BaseModel):
    """One edit of a stored application, the verdict that was written before any run, and the argument for it.

    Attributes:
        id: D…, E… and G… are from places that a generator drew, the others were invented by subject.
        base: the environment of the application.
        verdict: that of the reviewer who wrote the case.
        argument: the reason for the verdict.
        source: a page that supports the argument.
        tells: words that one of the review's messages must contain.
        said: the verdict of the review, where it differs.
        second_thought: what the reviewer wrote about the difference after the first run.
        given: what was there before, beside the stored application.
        edit: the operations.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    base: Literal["dev", "prod"]
    verdict: Literal["risk", "look", "harmless"]
    argument: str = Field(min_length=5)
    source: str = ""
    tells: str = ""
    said: Literal["", "risk", "look", "harmless", "silent"] = ""
    second_thought: str = ""
    given: list[Patch] = []
    edit: list[Patch]

    def before(self, base: Assembly) -> Assembly:
        """The application before the edit."""
        return self._in_memory(base, self.given) if self.given else base

    @contextmanager
    def applied(self, base: Assembly) -> Iterator[Assembly]:
        """What `before` returned, after the edit. Only edits of the manifest need files, until the block ends."""
        if all(it.file.endswith(_TEMPLATE) for it in self.edit):
            yield self._in_memory(base, self.edit)
            return
        with TemporaryDirectory() as folder:
            for file in base.folder.iterdir():
                edits = [it for it in self.edit if it.file == file.name]
                content = orjson.loads(file.read_bytes()) if edits else None
                for it in edits:
                    _apply(content, it)
                (Path(folder) / file.name).write_bytes(orjson.dumps(content) if edits else file.read_bytes())
            yield read_assembly(Path(folder))

    def _in_memory(self, base: Assembly, edits: list[Patch]) -> Assembly:
        """The application after some edits, without files: unedited parts are those of the base."""
        stacks = dict(base.stacks)
        for name in dict.fromkeys(it.file.removesuffix(_TEMPLATE) for it in edits):
            template = copy(stacks[name].template)
            for it in edits:
                if it.file == f"{name}{_TEMPLATE}":
                    _apply(template, it)
            paths = {**stacks[name].paths, **paths_in_template(template)}
            stacks[name] = replace(stacks[name], template=template, paths=paths)
        return replace(base, stacks=stacks)


def patched_cases() -> list[PatchedCase]:
    """All cases."""
    files = (
        _FOLDER / name
        for name in (
            "third.yaml",
            "fourth.yaml",
            "fifth.yaml",
            "sixth.yaml",
            "seventh.yaml",
            "eighth.yaml",
            "ninth.yaml",
            "tenth.yaml",
            "eleventh.yaml",
            "twelfth.yaml",
            "thirteenth.yaml",
            "fourteenth.yaml",
            "fifteenth.yaml",
            "sixteenth.yaml",
            "seventeenth.yaml",
            "eighteenth.yaml",
            "nineteenth.yaml",
            "twentieth.yaml",
            "twentyfirst.yaml",
            "twentysecond.yaml",
            "twentythird.yaml",
            "twentyfourth.yaml",
            "twentyfifth.yaml",
            "twentysixth.yaml",
        )
    )
    return [case for file in files for case in yaml_text.read(file, list[PatchedCase])]


def kept_applications(folder: Path) -> dict[str, Assembly]:
    """The stored applications of the cases, by environment; their files are written into a folder."""
    files: dict[str, Any] = json.loads(lzma.decompress(_APPLICATIONS.read_bytes()))
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(orjson.dumps(content))
    return {name: read_assembly(folder / name) for name in ("dev", "prod")}


def _apply(document: Any, it: Patch) -> None:
    value = deepcopy(it.value)  # a later operation may change it, but not on the side before the edit
    *parents, last = (part.replace("~1", "/").replace("~0", "~") for part in it.path.split("/")[1:])
    node = document
    for part in parents:
        key = int(part) if isinstance(node, list) else part
        node[key] = copy(node[key])
        node = node[key]
    if not isinstance(node, list):
        if it.op == "remove":
            del node[last]
        else:
            node[last] = value
    elif it.op == "remove":
        del node[int(last)]
    elif it.op == "replace":
        node[int(last)] = value
    else:
        node.insert(len(node) if last == "-" else int(last), value)
