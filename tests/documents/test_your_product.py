"""The checklist of docs/your-product.md: each message in it is one that `hannibal doctor` knows as a cause."""

import re
from pathlib import Path

import pytest
import yaml

from ops.doctor.causes import CATALOGUE, printed_cause
from tests.conftest import ROOT
from tests.support.documents.blocks import read_blocks
from tests.support.settings_file import load, with_value

PAGE = ROOT / "docs" / "your-product.md"
# Causes that the doctor finds by looking at the account, and not in words that a program printed.
_FOUND = re.compile(r'"(killed-at-stop|frontend-empty|start-page-missing)"')
_ROW = re.compile(r"^\| (?P<what>[A-Z]\w+) \| (?P<duty>[^|]+) \| (?P<seen>[^|]+) \|$", re.MULTILINE)
SUBJECTS = {"Port", "Health", "Signals", "Files", "TLS", "Schema", "Variables", "Pages"}
SECTION = PAGE.read_text().split("## Your container")[1].split("\n## ")[0]
ROWS = list(_ROW.finditer(SECTION))
MESSAGES = [(row["what"], text) for row in ROWS for text in re.findall(r"`([^`]+)`", row["seen"])]


def test_the_checklist_has_its_subjects() -> None:
    assert {row["what"] for row in ROWS} >= SUBJECTS
    assert {what for what, _ in MESSAGES} >= SUBJECTS


@pytest.mark.parametrize(("what", "message"), MESSAGES, ids=lambda it: it[:40])
def test_the_doctor_knows_the_message(what: str, message: str) -> None:
    doctor = "\n".join(file.read_text() for file in (ROOT / "ops" / "doctor").glob("*.py"))
    known = (
        printed_cause(message) is not None
        or any(cause.pattern.search(message) for cause in CATALOGUE.stopped)
        or message in _FOUND.findall(doctor)
    )
    assert known, f"{what}: {message}"


def test_the_first_block_is_the_way_to_a_page() -> None:
    first, *_ = read_blocks(PAGE)
    assert first.reason is None
    assert "hannibal release" in first.text


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL))
def test_the_settings_are_taken(tmp_path: Path, block: str) -> None:
    ((section, fields),) = yaml.safe_load(block).items()
    load(tmp_path, with_value(section, fields))
