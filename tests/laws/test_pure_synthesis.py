"""Law 5: the same commit gives the same bytes, whoever synthesizes it, wherever and whenever."""

import json
import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.conftest import ROOT, own
from tests.support.waiting import LIMIT_SECONDS

UNCERTAIN = {
    "AWS_REGION": "eu-west-1",
    "AWS_PROFILE": "nobody",
    "CDK_DEFAULT_ACCOUNT": "210987654321",
    "CDK_DEFAULT_REGION": "us-east-1",
    "TZ": "Pacific/Kiritimati",
    "LANG": "tr_TR.UTF-8",
    "PYTHONHASHSEED": "4711",
}


def templates_in(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.template.json"))}


def test_another_process_folder_and_environment_give_the_same_bytes(
    assembly: Callable[[str], Path], tmp_path: Path
) -> None:
    cdk_json = json.loads((ROOT / "cdk.json").read_text())
    python, *options, program = shlex.split(cdk_json["app"])
    subprocess.run(
        [ROOT / python, *options, ROOT / program],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(tmp_path),
            # What is compiled of the pinned package is the same: it takes as long as all else.
            "NODE_COMPILE_CACHE": os.environ["NODE_COMPILE_CACHE"],
            "CDK_OUTDIR": str(tmp_path / "out"),
            "CDK_CONTEXT_JSON": json.dumps(cdk_json["context"]),
            **UNCERTAIN,
        },
        check=True,
        capture_output=True,
        timeout=LIMIT_SECONDS,
    )
    assert templates_in(tmp_path / "out") == templates_in(assembly(own("dev")))


def test_nothing_is_looked_up(assembly: Callable[[str], Path]) -> None:
    manifest = json.loads((assembly("dev") / "manifest.json").read_text())
    assert "missing" not in manifest
