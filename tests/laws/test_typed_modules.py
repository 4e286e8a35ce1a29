"""Types stay strict: mypy follows every module of the CDK that is used, and skips none of them silently."""

import re
import tomllib

from tests.conftest import ROOT

FOLDERS = ("stacks", "constructs_lib", "installation", "ops", "tests", "benchmarks")
USED = re.compile(r"^\s*(?:from aws_cdk import (\w+)|from aws_cdk\.(\w+) import|import aws_cdk\.(\w+))", re.MULTILINE)


def followed() -> set[str]:
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    return {
        module for override in overrides if override.get("follow_imports") == "normal" for module in override["module"]
    }


def test_each_service_that_is_used_is_type_checked() -> None:
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    used = {next(filter(None, found)) for file in files for found in USED.findall(file.read_text(encoding="utf-8"))}
    modules = {f"aws_cdk.{name}" for name in used if name.islower()}
    assert len(modules) > 20, "the pattern finds imports"
    assert modules <= followed()
