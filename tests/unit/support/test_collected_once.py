"""Processes of xdist import only the files whose tests they run, but for the one that collects."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

CONFTEST = """
import pytest
from tests.support.collected_once import pytest_collection

@pytest.fixture(scope="package")
def fish(): yield "herring"
"""
TESTS = """
import pytest
from pathlib import Path

with Path(__file__).with_name("imported.txt").open("a") as log: log.write("once\\n")

class TestFish:
    @pytest.mark.parametrize("number", [1, 2])
    def test_fish(self, fish, number): assert fish == "herring"

def test_that_fails(): assert False
"""


def test_each_test_runs_once_and_only_one_process_imports_all_files(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for number in range(4):
        (tmp_path / f"test_{number}.py").write_text(TESTS)
    options = ("-q", "-p", "no:cacheprovider", "--numprocesses", "2", "--dist", "loadfile")

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, tmp_path], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ran.stdout.splitlines()[-1].startswith("4 failed, 8 passed in"), ran.stdout
    # The other process of the two runs one to three files, and each process at least one.
    assert 5 <= len((tmp_path / "imported.txt").read_text().splitlines()) <= 7
