"""Containers of one server: identified by a label, and removed when the server no longer runs."""

import hashlib
from pathlib import Path

from embedded_aws.containers.engine import NAMES, Engine, Name

SERVER_LABEL, TASK_LABEL, CONTAINER_LABEL = "hannibal.server", "hannibal.task", "hannibal.container"
_SECONDS_TO_END = 3
_NOTE = "container-engine"


def server_label(state_folder: Path) -> str:
    """The label's value for the containers of one server, from its state folder."""
    return hashlib.sha256(str(state_folder.resolve()).encode()).hexdigest()[:10]


def note_engine(state_folder: Path, engine: Engine) -> None:
    """Save the engine of a server's containers, so that they can be removed after the server was killed."""
    (state_folder / _NOTE).write_text(engine.name, encoding="utf-8")


def noted_engine(state_folder: Path) -> Name | None:
    """The last engine of a server's containers; None if it never had any."""
    note = state_folder / _NOTE
    text = note.read_text(encoding="utf-8") if note.is_file() else ""
    return next((name for name in NAMES if name == text), None)


def forget_engine(state_folder: Path) -> None:
    """Record that no containers are left."""
    (state_folder / _NOTE).unlink(missing_ok=True)


def remove_leftovers(engine: Engine, server: str) -> None:
    """Stop and remove containers and volumes with a server's label. Raises EngineError: the engine does not answer."""
    server_label = f"label={SERVER_LABEL}={server}"
    everything = engine.call("ps", "--all", "--quiet", "--filter", server_label).split()
    if everything:
        engine.run("stop", "-t", str(_SECONDS_TO_END), *everything)
        # Containers that join a network before those that own it: Podman refuses the other order.
        sharing = ("--filter", server_label, "--filter", f"label={CONTAINER_LABEL}")
        engine.remove(*engine.call("ps", "--all", "--quiet", *sharing).split())
        engine.remove(*engine.call("ps", "--all", "--quiet", "--filter", server_label).split())
    volumes = engine.call("volume", "ls", "--quiet", "--filter", server_label).split()
    if volumes:
        engine.run("volume", "rm", "--force", *volumes)
