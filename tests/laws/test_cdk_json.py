"""cdk.json turns on what the pinned CDK recommends."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import ROOT, feature_flags
from tests.support.waiting import LIMIT_SECONDS


def test_every_recommended_feature_flag_is_set(tmp_path: Path) -> None:
    folder = tmp_path / "fresh"
    folder.mkdir()
    subprocess.run(
        [ROOT / "node_modules/.bin/cdk", "init", "app", "--language", "python", "--generate-only"],
        cwd=folder,
        env={name: os.environ[name] for name in ("PATH", "NODE_COMPILE_CACHE")} | {"HOME": str(tmp_path)},
        check=True,
        capture_output=True,
        timeout=LIMIT_SECONDS,
    )
    recommended = json.loads((folder / "cdk.json").read_text())["context"]
    ours = feature_flags()
    assert {flag: ours.get(flag) for flag in recommended} == recommended


def test_no_flag_of_the_pinned_library_differs_from_what_it_recommends(assembly: Callable[[str], Path]) -> None:
    """What `cdk flags` would list; the library may know flags that the command line's new applications lack."""
    manifest = json.loads((assembly("dev") / "manifest.json").read_text())
    (report,) = [it for it in manifest["artifacts"].values() if it["type"] == "cdk:feature-flag-report"]
    flags = report["properties"]["flags"]
    assert len(flags) > 80
    differing = {
        name: effective for name, flag in flags.items() if (effective := _effective(flag)) != flag["recommendedValue"]
    }
    assert differing == {}


def _effective(flag: dict[str, Any]) -> object:
    return flag.get("userValue", flag.get("unconfiguredBehavesLike", {}).get("v2", False))


def test_references_between_stacks_lock_nothing() -> None:
    assert feature_flags()["@aws-cdk/core:defaultCrossStackReferences"] == "weak"
