"""Prints how many tests were skipped, and why, as the last line of a test run."""

from collections import Counter
from collections.abc import Iterator

import pytest


def reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The reason why a test or a whole file was skipped."""
    said = report.longrepr
    return str(said[2] if isinstance(said, tuple) else said).removeprefix("Skipped: ")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Print the line after pytest's own last one; processes of xdist have no terminal."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and (reports := reporter.stats.get("skipped")):
        reasons = Counter(map(reason, reports))
        said = "; ".join(f"{text} ({number})" for text, number in reasons.most_common())
        reporter.write_line(f"{reasons.total()} skipped: {said}")
