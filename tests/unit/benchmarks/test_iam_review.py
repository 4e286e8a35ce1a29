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


@pytest.mark.parametrize("identity", [{}, {"userIdentity": {"type": "Root"}}])
def test_files_without_a_role_are_an_error_and_no_traceback(
    tmp_path: Path, identity: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(iam_review, "FILES", 1)
    monkeypatch.setattr(iam_review, "EVENTS", 1)
    source = tmp_path / "source"
    source.mkdir()
    (source / "1.json").write_text(json.dumps({"Records": [identity]}))
    with pytest.raises(ValueError, match="role"):
        iam_review.fill(tmp_path, source)
