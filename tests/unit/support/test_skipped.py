"""The last line of a test run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

TESTS = """
import pytest

def test_that_runs(): pass

@pytest.mark.skipif(True, reason="no fish")
def test_by_mark(): pass

@pytest.mark.parametrize("number", [1, 2])
def test_inside(number): pytest.skip("no engine")
"""


@pytest.mark.parametrize("processes", ["0", "1"])
def test_the_last_line_counts_what_was_skipped_by_its_reason(tmp_path: Path, processes: str) -> None:
    (tmp_path / "conftest.py").write_text("from tests.support.skipped import pytest_sessionfinish\n")
    (tmp_path / "test_some.py").write_text(TESTS)
    options = ("-q", "-p", "no:cacheprovider", "--numprocesses", processes, "--rootdir", str(tmp_path))

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, tmp_path], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1] == "3 skipped: no engine (2); no fish (1)"
