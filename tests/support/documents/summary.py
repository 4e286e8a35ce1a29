"""Reports at the end of a test run how many blocks of the documents ran, and why the others did not."""

from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.support.documents.blocks import in_order, read_blocks

_DOCS: Final = Path(__file__).parents[3] / "docs"
DOCUMENTS: Final = ("operations.md", "operations.ja.md", "embedded-aws.md")
TEST: Final = "tests/documents/test_commands.py::test_block["


def count_outcomes(reporter: pytest.TerminalReporter) -> Counter[str]:
    """Count the tests of blocks by their outcome."""
    outcomes = ("passed", "failed", "error")
    return Counter(
        outcome
        for outcome in outcomes
        for report in reporter.stats.get(outcome, [])
        if getattr(report, "nodeid", "").startswith(TEST)
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the report if blocks ran."""
    outcomes = count_outcomes(terminalreporter)
    if not outcomes:
        return
    ran = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items())
    terminalreporter.write_line(f"documents: blocks that ran, once for both editions: {ran}")
    for name in DOCUMENTS:
        blocks = read_blocks(_DOCS / name)
        reasons = Counter(block.reason for block in blocks if block.reason)
        terminalreporter.write_line(
            f"documents: {name}: {len(in_order(blocks))} of {len(blocks)} blocks run, {reasons.total()} do not:"
        )
        for reason, number in reasons.most_common():
            terminalreporter.write_line(f"documents:   {number:2} {reason}")
