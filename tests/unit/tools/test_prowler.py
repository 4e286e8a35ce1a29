"""`tools/prowler.sh` runs nothing that another user of the machine has put where it would look."""

import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[3] / "tools" / "prowler.sh"


def program(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def test_it_runs_no_prowler_of_the_folder_for_temporary_files(tmp_path: Path) -> None:
    program(tmp_path / "shared" / "hannibal-prowler" / "venv" / "bin" / "prowler", f"touch {tmp_path}/was-run; exit 1")
    program(tmp_path / "bin" / "python3", "exit 9")
    variables = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "HOME": str(tmp_path / "home"),
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "TMPDIR": str(tmp_path / "shared"),
    }

    ended = subprocess.run([SCRIPT], env=variables, capture_output=True, text=True, check=False)

    assert "installing prowler" in ended.stderr
    assert ended.returncode == 9
    assert not (tmp_path / "was-run").exists()
