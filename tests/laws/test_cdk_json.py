"""cdk.json turns on what the pinned CDK recommends."""

import json
import subprocess
from pathlib import Path

from tests.conftest import ROOT, feature_flags
from tests.support.waiting import LIMIT_SECONDS


def test_every_recommended_feature_flag_is_set(tmp_path: Path) -> None:
    folder = tmp_path / "fresh"
    folder.mkdir()
    subprocess.run(
        [ROOT / "node_modules/.bin/cdk", "init", "app", "--language", "python", "--generate-only"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
        timeout=LIMIT_SECONDS,
    )
    recommended = json.loads((folder / "cdk.json").read_text())["context"]
    ours = feature_flags()
    assert {flag: ours.get(flag) for flag in recommended} == recommended


def test_references_between_stacks_lock_nothing() -> None:
    assert feature_flags()["@aws-cdk/core:defaultCrossStackReferences"] == "weak"
