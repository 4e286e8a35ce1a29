"""A plug-in of mypy: the types of the CDK that the project uses, and what these need, as stubs.

Of the CDK's modules mypy would read 26 MB, for 15 seconds: mostly documentation, checks at run time, and resources that
nobody uses here. Before mypy begins, this writes the classes that any of our files names, and those that their
signatures name, into a folder that ``mypy_path`` puts before the installed packages: 2 MB. A class that it left out
would be an error of mypy, never an unchecked type.
"""

import re
import sysconfig
import tomllib
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final

from mypy.plugin import Plugin

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / ".mypy_cache" / "cdk_types"
_SITE: Final = Path(sysconfig.get_path("purelib"))
_PACKAGES: Final = ("aws_cdk", "cdk_nag")
# The same for each module that jsii generates.
_HEAD: Final = (
    "import abc\nimport builtins\nimport datetime\nimport enum\nimport typing\nimport jsii\nimport typing_extensions\n"
)
_NAME: Final = re.compile(r"\b[A-Za-z_]\w*")
_QUALIFIED: Final = re.compile(r"(?:\b(\w+)\.)?\b([A-Z]\w*)")
_CLASS: Final = re.compile(r"^(?:@.*\n(?:[ )].*\n)*)*class (\w+).*\n(?:[ )].*\n|\n)*", re.MULTILINE)
_DOCUMENTATION: Final = re.compile(r"^ +r?'''.*?'''\n", re.MULTILINE | re.DOTALL)
_RUN_TIME: Final = re.compile(r"^ *@jsii\.(?!python)\w+\((?:.*\)|\n(?:.*\n)*? *\))\n", re.MULTILINE)
_FUNCTION: Final = re.compile(r"^( +)((?:def |\)).* -> .*):\n(?:\1 .*\n|\n)*", re.MULTILINE)
_ALIAS: Final = re.compile(r"^ +import (\S+) as (_\w+)$", re.MULTILINE)


class _Module:
    """What one module of a package that jsii generated declares.

    Args:
        name: of the module.
        file: its Python.
    """

    def __init__(self, name: str, file: Path) -> None:
        text = file.read_text(encoding="utf-8").partition("\ndef _typecheckingstub__")[0]
        self.name = name
        self.aliases = {alias: module for module, alias in _ALIAS.findall(text)}
        self.classes = {found[1]: found[0] for found in _CLASS.finditer(text)}
        self.kept = dict[str, str]()

    def keep(self, name: str) -> Iterator[tuple[str, str]]:
        """Keep a class of it, and give what its signatures name: each a module with the name of a class."""
        text = _FUNCTION.sub(r"\1\2: ...\n", _RUN_TIME.sub("", _DOCUMENTATION.sub("", self.classes[name])))
        self.kept[name] = text
        for alias, named in _QUALIFIED.findall(text):
            yield self.aliases.get(alias, self.name), named

    def stub(self) -> str:
        """What mypy reads, in the order of the module."""
        kept = [self.kept[name] for name in self.classes if name in self.kept]
        used = {name for text in kept for name in _NAME.findall(text)}
        imports = [f"import {module} as {alias}\n" for alias, module in self.aliases.items() if alias in used]
        return "".join((_HEAD, *imports, *kept))


def stubs(named: set[str]) -> dict[str, str]:
    """The stub of each module that is needed.

    Args:
        named: every name in files that use the CDK.
    """
    modules = dict[str, _Module | None]()

    def module(name: str) -> _Module | None:
        if name not in modules:
            file = _file(name) if name.partition(".")[0] in _PACKAGES else None
            modules[name] = _Module(name, file) if file else None
        return modules[name]

    begin = [*_PACKAGES, *(f"aws_cdk.{name}" for name in sorted(named) if _file(f"aws_cdk.{name}"))]
    wanted = [(it.name, name) for it in map(module, begin) if it for name in it.classes if name in named]
    while wanted:
        name, named_class = wanted.pop()
        found = module(name)
        if found and named_class in found.classes and named_class not in found.kept:
            wanted.extend(found.keep(named_class))
    return {name: found.stub() for name, found in modules.items() if found}


def _file(module: str) -> Path | None:
    package, *inner = module.split(".")
    file = _SITE.joinpath(package, *inner, "__init__.py")
    return file if file.is_file() and "_jsii" not in inner else None


def _named() -> set[str]:
    """Names in our files that use the CDK."""
    checked = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["files"]
    files = [file for it in checked for file in ([ROOT / it] if it.endswith(".py") else (ROOT / it).rglob("*.py"))]
    texts = (file.read_text(encoding="utf-8") for file in files)
    return {name for text in texts if any(it in text for it in _PACKAGES) for name in _NAME.findall(text)}


def write() -> None:
    """Write the stubs, if they are not those of today's names; mypy reads again only what differs."""
    named = _named()
    versions = [version(it) for it in ("aws-cdk-lib", "cdk-nag")]
    digest = sha256("\n".join((Path(__file__).read_text(), *versions, *sorted(named))).encode()).hexdigest()
    said = FOLDER / "digest"
    if said.is_file() and said.read_text() == digest:
        return
    made = {FOLDER.joinpath(*name.split("."), "__init__.pyi"): text for name, text in stubs(named).items()}
    for file in {*FOLDER.rglob("*.pyi")} - made.keys():
        file.unlink()
    for file, text in made.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.is_file() or file.read_text() != text:
            file.write_text(text)
    said.write_text(digest)


def plugin(_: str) -> type[Plugin]:
    """Called by mypy before it begins."""
    write()
    return Plugin
