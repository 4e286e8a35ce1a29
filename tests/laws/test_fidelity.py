"""docs/fidelity.md says what is the case."""

from tests.support.fidelity import document


def test_an_operation_that_no_test_asks_for_has_a_reason() -> None:
    lines = document.text().splitlines()
    untested = [line.split("`")[1] for line in lines if line.startswith("| `") and "by no test" in line]
    assert set(untested) == document.UNTESTED.keys()


def test_the_table_is_current() -> None:
    assert document.DOCUMENT.read_text(encoding="utf-8") == document.text(), (
        "run `make fidelity` and review the difference"
    )
