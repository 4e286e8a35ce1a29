"""Reports each failure at once: a test run that is ended from outside prints no summary."""

import pytest


class Failures:
    """A plugin that writes to the terminal; processes of xdist have no terminal."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write the test's name, and the place and message of its failure."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and reporter is not None:
            reason = getattr(report.longrepr, "reprcrash", None) or report.longrepr
            reporter.write_line(f"\n{report.when} of {report.nodeid} failed at {reason}", red=True)
