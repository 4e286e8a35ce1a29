"""Third-party tools that read a running month: an answer that they cannot parse is not one of AWS."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.support.embedded.running_month import RunningMonth
from tests.support.waiting import LIMIT_SECONDS

_PROGRAMS = ROOT / ".others" / "bin"
_FOLDER = ROOT / "tests" / "support" / "others"


class Others:
    """The tools, against one month.

    Raises:
        pytest.skip.Exception: they are not installed.
    """

    def __init__(self, month: RunningMonth) -> None:
        if not (_PROGRAMS / "custodian").exists() or not (_FOLDER / "node_modules").exists():
            pytest.skip("the tools of others are not installed: make others")
        self._month = month

    def _run(self, *command: str | Path) -> str:
        finished = subprocess.run(
            command,
            cwd=_FOLDER,
            env=self._month.server.environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    def awslogs(self, *arguments: str) -> str:
        return self._run(_PROGRAMS / "awslogs", *arguments)

    def ecs_deploy(self, *arguments: str) -> str:
        return self._run(_PROGRAMS / "ecs", *arguments)

    def javascript(self) -> dict[str, Any]:
        """The values that the AWS SDK for JavaScript reads."""
        names = self._month.names
        bucket = f"{names.project}-alb-logs-{self._month.server.account}"
        arguments = (names.cluster, names.service, bucket)
        found: dict[str, Any] = json.loads(self._run("node", "read.mjs", *arguments))
        return found

    def custodian(self, folder: Path) -> tuple[dict[str, int], dict[str, int]]:
        """The number of resources that each policy of Cloud Custodian should find, and the number that it found."""
        file = _FOLDER / "policies.yaml"
        self._run(_PROGRAMS / "custodian", "run", "--output-dir", folder, "--cache", folder / "cache", file)
        policies = yaml.safe_load(file.read_text(encoding="utf-8"))["policies"]
        expected = {policy["name"]: int(policy["comment"]) for policy in policies}
        return expected, {name: len(json.loads((folder / name / "resources.json").read_text())) for name in expected}
