"""The layout: few packages, few imports between them, no circle, sides that do not know each other."""

import ast
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools import structure

CDK = ("aws_cdk", "constructs", "cdk_nag", "jsii")
BOTO3 = ("boto3", "botocore", "mypy_boto3")
# Who may know what. The composition root and the stacks are the CDK's side, the command is boto3's.
FORBIDDEN = {
    "installation": (*CDK, *BOTO3, "ops", "constructs_lib", "stacks", "embedded_aws"),
    "constructs_lib": (*BOTO3, "ops", "stacks", "embedded_aws"),
    "stacks": (*BOTO3, "ops", "embedded_aws"),
    "ops": (*CDK, "app", "constructs_lib", "stacks", "embedded_aws", "tools", "tests"),
    "embedded_aws": (*CDK, "constructs_lib", "stacks", "ops", "tools", "tests"),
}
# Runs in Lambda, where boto3 is there and nothing of this repository.
HANDLERS = "constructs_lib.handlers."
# The embedded AWS computes its bill by the command's prices and validates by the schemas that the review reads; both
# sides run the same container engine.
SHARED = (
    "ops.cost.",
    "ops.templates.template",
    "ops.templates.schemas",
    "embedded_aws.containers.engine",
    "embedded_aws.containers.cleanup",
)
# Synthesizes in a process of its own, which knows no client.
SYNTHESIS = "ops.stacks.synthesis"
MOST_LINES = 300
# A stack wires, and so does the composition root; a construct builds.
WIRING_LINES = {"app.py": 79, "stacks/**/*.py": 149}
# All tests of such a module share what takes seconds to start.
ONE_SERVER_A_MODULE = "tests/embedded/test_"
# Of each package of the embedded AWS: where the private names of the emulator stand, under plain ones.
FACADE, FUNCTION = "emulator.py", "EmulatorFunction"


def test_the_command_has_few_packages_and_few_imports_between_them() -> None:
    graph = structure.packages(ROOT, "ops")
    assert len(graph) <= 19, sorted(graph)
    assert sum(len(targets) for targets in graph.values()) <= 80
    assert structure.circles(graph) == ()


@pytest.mark.parametrize("package", ["ops", "embedded_aws", "constructs_lib", "installation"])
def test_no_module_imports_itself_through_others(package: str) -> None:
    assert structure.module_circles(ROOT, package) == ()


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_does_not_know_what_belongs_to_the_other_side(package: str) -> None:
    modules = structure.modules(ROOT, package)
    assert modules
    found = [
        f"{name} imports {target}"
        for name, file in modules.items()
        if name != SYNTHESIS and not name.startswith(HANDLERS)
        for target in structure.imported(file, modules)
        if target.split(".")[0].startswith(FORBIDDEN[package]) and not target.startswith(SHARED)
    ]
    assert found == []


def test_a_file_of_python_has_at_most_300_lines() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in listed.stdout.splitlines() if not name.startswith(ONE_SERVER_A_MODULE)]
    assert len(files) > 500
    assert [str(it) for it in files if len(it.read_text(encoding="utf-8").splitlines()) > MOST_LINES] == []


@pytest.mark.parametrize("pattern", WIRING_LINES)
def test_what_only_wires_is_short(pattern: str) -> None:
    files = list(ROOT.glob(pattern))
    assert files
    assert {it.name for it in files if len(it.read_text().splitlines()) > WIRING_LINES[pattern]} == set()


def test_tests_mirror_the_tree() -> None:
    folders = {file.parent.relative_to(ROOT / "tests/unit") for file in ROOT.glob("tests/unit/**/test_*.py")}
    assert len(folders) > 50
    assert {str(it) for it in folders if not ((ROOT / it).is_dir() or (ROOT / "tests" / it).is_dir())} == set()


@pytest.mark.parametrize("package", ["ops", "embedded_aws", "constructs_lib", "installation"])
def test_names_of_modules_beside_each_other_differ_in_more_than_a_plural(package: str) -> None:
    """Nobody remembers what is in `database` and what in `databases`. Commands are called as users call them."""
    files = {file.with_suffix("") for file in (ROOT / package).rglob("*.py") if file.parent.name != "commands"}
    assert {str(it) for it in files if it.with_name(f"{it.name}s") in files} == set()


def test_circles_are_found() -> None:
    graph = {"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset({"b"}), "d": frozenset({"a"})}
    assert structure.circles(graph) == ("b", "c")


def test_private_names_of_the_emulator_stand_in_one_file_of_each_package() -> None:
    files = sorted((ROOT / "embedded_aws").rglob("*.py"))
    assert any(private_names(file) for file in files if file.name == FACADE)
    assert {str(file): names for file in files if file.name != FACADE and (names := private_names(file))} == {}


def private_names(file: Path) -> set[str]:
    """The private names that a file takes from the emulator or a facade: by import, attribute or a wrapper's text."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    found: set[str] = set()
    modules = {FACADE.removesuffix(".py")}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            of_emulator = (node.module or "").startswith("ministack")
            found.update(alias.name for alias in node.names if of_emulator)
            modules.update(alias.asname or alias.name for alias in node.names if of_emulator or alias.name in modules)
    for node in nodes:
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).partition(".")[0] in modules:
            found.add(node.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("wrap", FUNCTION)):
            found.update(str(each.value) for each in node.args[:2] if isinstance(each, ast.Constant))
    return {name for name in found if name.startswith("_")}
