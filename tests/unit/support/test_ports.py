"""Ports of tests that run side by side."""

import subprocess
import sys

from tests.conftest import ROOT
from tests.support.embedded import server


def _chosen_elsewhere(port: int) -> str:
    """What another process says that may take only this port."""
    program = f"server._SERVER_PORTS = range({port}, {port + 2}, 2); print(server.free_port())"
    finished = subprocess.run(
        [sys.executable, "-c", f"from tests.support.embedded import server; {program}"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    return finished.stdout + finished.stderr


def test_a_port_that_a_process_chose_is_not_chosen_by_another_before_anything_listens() -> None:
    port = server.free_port()
    assert f"no port from {port} to {port + 2} is free" in _chosen_elsewhere(port)
    server._reserved.pop().close()
    assert _chosen_elsewhere(port) == f"{port}\n"
