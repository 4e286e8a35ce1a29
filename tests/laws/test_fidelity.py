"""docs/fidelity.md says what is the case."""

from tests.support.fidelity import document


def test_the_table_is_current() -> None:
    assert document.DOCUMENT.read_text(encoding="utf-8") == document.text(), (
        "run `make fidelity` and review the difference"
    )
