"""docs/fidelity.md says what is the case."""

import pytest

from tests.support.fidelity import document


@pytest.fixture(scope="module")
def text() -> str:
    return document.text()


def test_an_operation_that_no_test_asks_for_has_a_reason(text: str) -> None:
    lines = text.splitlines()
    untested = [line.split("`")[1] for line in lines if line.startswith("| `") and "by no test" in line]
    assert set(untested) == document.UNTESTED.keys()


def test_the_table_is_current(text: str) -> None:
    assert document.DOCUMENT.read_text(encoding="utf-8") == text, "run `make fidelity` and review the difference"


def test_nothing_is_said_to_answer_what_no_test_asks_for(text: str) -> None:
    rows = [line.split(" | ") for line in text.splitlines() if "by no test" in line]
    assert rows
    assert not [cells[0] for cells in rows if cells[2].startswith("ministack")]
