"""docs/architecture.md names every law, every Lambda function and every package of the code."""

import re

import pytest

from tests.conftest import ROOT

TEXT = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
LAWS = 9


def test_the_laws_are_listed_by_number() -> None:
    section = TEXT.partition("## Laws")[2].partition("\n## ")[0]
    assert re.findall(r"^(\d+)\. \*\*", section, re.MULTILINE) == [str(number) for number in range(1, LAWS + 1)]


def test_every_law_that_is_cited_is_listed() -> None:
    files = [file for folder in ("docs", "ops", "installation", "tests/laws") for file in (ROOT / folder).rglob("*.*")]
    texts = [file.read_text(encoding="utf-8") for file in files if file.suffix in {".md", ".py"}]
    cited = {int(number) for text in texts for number in re.findall(r"\b[Ll]aw (\d+)", text)}
    assert cited
    assert cited <= set(range(1, LAWS + 1))


def test_every_function_is_listed() -> None:
    section = TEXT.partition("## The handlers")[2].partition("\n## ")[0]
    handlers = {file.stem for file in (ROOT / "constructs_lib/handlers").glob("*.py")} - {"__init__"}
    assert set(re.findall(r"^- `(\w+)`", section, re.MULTILINE)) == handlers


@pytest.mark.parametrize("folder", ["constructs_lib", "embedded_aws", "ops"])
def test_every_package_has_its_subject(folder: str) -> None:
    section = TEXT.partition(f"Inside `{folder}/`")[2].partition("\nInside ")[0].partition("\n## ")[0]
    listed = {
        name for row in re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)/`", row)
    }
    packages = {file.parent.name for file in (ROOT / folder).glob("*/__init__.py")}
    assert listed - {"console"} == packages
