"""The layout: few packages, few imports between them, no circle, and each side of the project free of the other."""

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
# The embedded AWS computes its bill by the command's prices; both sides run the same container engine.
SHARED = ("ops.cost.", "ops.templates.template", "embedded_aws.containers.engine", "embedded_aws.containers.leftovers")
# Synthesizes in a process of its own, which knows no client.
SYNTHESIS = "ops.stacks.synthesis"


def test_the_command_has_few_packages_and_few_imports_between_them() -> None:
    graph = structure.packages(ROOT, "ops")
    assert len(graph) <= 20, sorted(graph)
    # `escaping` apart: whoever writes text of others imports it, and the more do so the better.
    assert sum(len(targets - {"escaping"}) for targets in graph.values()) <= 80
    assert structure.circles(graph) == ()


@pytest.mark.parametrize("package", ["ops", "embedded_aws", "constructs_lib", "installation"])
def test_no_module_imports_itself_through_others(package: str) -> None:
    assert structure.module_circles(ROOT, package) == ()


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_does_not_know_what_belongs_to_the_other_side(package: str) -> None:
    known = structure.modules(ROOT, package)
    assert known
    found = [
        f"{name} imports {target}"
        for name, file in known.items()
        if name != SYNTHESIS and not name.startswith(HANDLERS)
        for target in structure.imported(file, known)
        if target.split(".")[0].startswith(FORBIDDEN[package]) and not target.startswith(SHARED)
    ]
    assert found == []


def test_circles_are_found() -> None:
    graph = {"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset({"b"}), "d": frozenset({"a"})}
    assert structure.circles(graph) == ("b", "c")
