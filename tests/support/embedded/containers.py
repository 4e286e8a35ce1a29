"""Real containers for tests: the engine of this machine, and the application in ``tests/support/python_app``."""

import json
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from embedded_aws.containers.engine import NAMES, Engine, EngineError, find_any_engine, find_engine
from embedded_aws.containers.namespaces import Namespaces
from embedded_aws.core.background import BackgroundLoop
from tests.support import base_images
from tests.support.aws import aws_of
from tests.support.embedded.running_service import control

APP = Path(__file__).parents[1] / "python_app"
BASE = "docker.io/library/python:3-slim"


@cache
def find() -> Engine | str:
    """The engine of this machine, or the one in HANNIBAL_TEST_ENGINE; or the reason why none runs tasks."""
    named = next((name for name in NAMES if name == os.environ.get("HANNIBAL_TEST_ENGINE")), None)
    try:
        engine = find_engine(named, os.environ) if named else find_any_engine(os.environ)
        if named is None and os.geteuid() != 0:
            _try_network(engine)
    except EngineError as error:
        return str(error)
    return engine


def _try_network(engine: Engine) -> None:
    """Open and close the network of a task, as a server does at its start; EngineError where the machine refuses.

    Without root, podman needs /dev/net/tun for it, which a virtual machine or a container may lack. Root's tests do not
    ask: what fails there is a fault.
    """
    loop, name = BackgroundLoop(), f"hannibal-trial-{os.getpid()}"
    loop.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            Namespaces(engine, loop, folder=Path(folder), reachable=()).prepare(name, labels={})
    finally:
        with suppress(EngineError):  # it was removed, unless podman made it and could not start it
            engine.remove(name)
        loop.stop()


def require_engine() -> Engine:
    """The engine; without one, the test is skipped."""
    found = find()
    if isinstance(found, str):
        pytest.skip(f"needs a container engine: {found}")
    return found


def build_app(engine: Engine, tag: str) -> str:
    """Build the application from this machine's Python, and return its id."""
    base_images.make("python", engine, tag=BASE)
    engine.call("build", *engine.build_options, "--tag", tag, str(APP))
    identifier: str = json.loads(engine.call("image", "inspect", tag))[0]["Id"]
    return identifier.removeprefix("sha256:")


def register(server: Any, engine: Engine, *, repository: str, tag: str, image: str) -> str:
    """Register an image of the engine with the embedded ECR, and return its URI there."""
    from ops.local import containers as local
    from ops.release.image_build import register as register_image

    ecr = server.session().client("ecr")
    known = {each["repositoryName"] for each in ecr.describe_repositories()["repositories"]}
    if repository not in known:
        ecr.create_repository(repositoryName=repository)
    register_image(
        aws_of(ecr=ecr), local.require_engine(server.endpoint, ""), repository=repository, tag=tag, image=image
    )
    return f"{server.account}.dkr.ecr.ap-northeast-1.amazonaws.com/{repository}:{tag}"


def containers(server: Any) -> list[dict[str, Any]]:
    """The containers that a server runs."""
    found: list[dict[str, Any]] = control(server, "GET", "containers")["containers"]
    return found


def copy_app(folder: Path) -> Path:
    """A copy of the application's sources that a test may change."""
    return Path(shutil.copytree(APP, folder / "application"))
