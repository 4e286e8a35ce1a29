"""Ports of tests that run side by side."""

import subprocess
import sys

import pytest

from embedded_aws.database.server_ports import ports_of
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
    for _ in range(2):  # also of the databases
        server._reserved.pop().close()
    assert _chosen_elsewhere(port) == f"{port}\n"


def test_two_servers_of_tests_have_no_port_of_a_database_in_common(monkeypatch: pytest.MonkeyPatch) -> None:
    same = {
        port: [it for it in server._SERVER_PORTS if ports_of(it) == ports_of(port)] for port in range(5000, 5100, 2)
    }
    monkeypatch.setattr(server, "_SERVER_PORTS", [port for port, others in same.items() if len(others) > 1])
    port = server.free_port()
    other = next(it for it in same[port] if it != port)
    assert f"no port from {other} to {other + 2} is free" in _chosen_elsewhere(other)
