"""Containers of one server: told from those of others by a label, and removed when nobody looks after them."""

import hashlib
from pathlib import Path

from embedded_aws.containers.engine import Engine

SERVER_LABEL, TASK_LABEL, CONTAINER_LABEL = "hannibal.server", "hannibal.task", "hannibal.container"
_SECONDS_TO_END = 3


def server_label(state_folder: Path) -> str:
    """What tells the containers of one server from those of others on this machine: its state folder."""
    return hashlib.sha256(str(state_folder.resolve()).encode()).hexdigest()[:10]


def remove_leftovers(engine: Engine, server: str) -> None:
    """End and remove containers and volumes that carry a server's label.

    Raises:
        EngineError: the engine does not answer.
    """
    mine = f"label={SERVER_LABEL}={server}"
    running = engine.call("ps", "--quiet", "--filter", mine).split()
    if running:
        engine.run("stop", "-t", str(_SECONDS_TO_END), *running)
    # Those that share a network before those that hold it: Podman refuses the other order.
    for which in (f"label={CONTAINER_LABEL}", f"label={SERVER_LABEL}"):
        listed = engine.call("ps", "--all", "--quiet", "--filter", mine, "--filter", which)
        engine.remove(*listed.split())
    volumes = engine.call("volume", "ls", "--quiet", "--filter", mine).split()
    if volumes:
        engine.run("volume", "rm", "--force", *volumes)
