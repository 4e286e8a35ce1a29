"""What the benchmark measures is what the command runs."""

import gzip
import json
from pathlib import Path

import pytest

from benchmarks import iam_review


@pytest.mark.parametrize("conditions", [False, True])
def test_the_measured_review_reads_all_events(tmp_path: Path, conditions: bool) -> None:
    records = next(iam_review.synthetic())
    (tmp_path / "1.json.gz").write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    found = iam_review.run(f"CONDITIONS = {conditions}\n{iam_review._REVIEW}", tmp_path, iam_review.ROLE)
    assert found.events == len(records)
