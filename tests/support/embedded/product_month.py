"""The example product on a machine of its own: as a person gets it from a clean clone with a container engine.

What a person types is read from the Makefile and from docs/your-product.md, and run as it stands there.
"""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import urllib3

from embedded_aws.containers.engine import Engine
from installation.names import COMPUTE_STACK
from installation.settings import Settings
from tests.conftest import ROOT
from tests.support import base_images, forked_command, given_configuration
from tests.support.documents.blocks import Block, read_blocks
from tests.support.documents.runner import Runner
from tests.support.embedded.example_product import FOLDER
from tests.support.embedded.running_service import control
from tests.support.embedded.server import EmbeddedAws, free_port
from tests.support.waiting import LIMIT_SECONDS

DOCUMENT: Final = ROOT / "docs" / "your-product.md"
# How much faster than life deployments and health checks are.
_FACTOR: Final = "20"
# An image is built and a page is, on machines that do other things as well.
_SECONDS: Final = 900.0
_HTTP: Final = urllib3.PoolManager(retries=False, maxsize=16)
# Under the engine's storage, where `npm ci` asks this machine's registry and trusts what this machine trusts.
_BASE: Final = "localhost/hannibal-node-of-tests"
# `npm ci` takes twelve seconds, and here would install once more what `make example` has installed by it.
_NPM: Final = """#!/bin/bash
[[ $* == ci ]] || exec "{npm}" "$@"
ln --symbolic "{installed}"/* node_modules
cp --archive "{installed}/.bin/." node_modules/.bin
"""
_NPMRC: Final = "cafile=/etc/ssl/certs/ca-certificates.crt\n"


class Site:
    """The product at its address, as its users ask for it."""

    def __init__(self, page: str) -> None:
        """Take the address of the pages, as a browser opens it."""
        self.page = page

    def ask(self, query: str, **headers: str) -> tuple[int, Any]:
        """Ask the API through the edge, as the page does."""
        answer = _HTTP.request(
            "POST",
            f"{self.page}/graphql",
            body=json.dumps({"query": query}),
            headers={"content-type": "application/json", **headers},
            timeout=LIMIT_SECONDS,
        )
        return answer.status, json.loads(answer.data)

    def get(self, path: str) -> tuple[int, str]:
        answer = _HTTP.request("GET", self.page + path, timeout=LIMIT_SECONDS)
        return answer.status, answer.data.decode()


class ProductMonth:
    """A checkout with a running embedded AWS, brought up by `make up`.

    Attributes:
        settings: of the environment.
        runner: runs what a person would type.
        server: the embedded AWS.
    """

    def __init__(self, folder: Path, assembly: Path, settings: Settings) -> None:
        self.settings = settings
        self.server = EmbeddedAws(folder)
        patient = _patient(assembly, folder / "assembly")
        self.runner = Runner(server=self.server, folder=folder, assembly=patient, settings=settings)
        self.runner.prepare()
        self._copy_sources()
        # No layer of the builds is used again, and to keep each takes Podman as long as to make it.
        variables = {"BUILDAH_LAYERS": "false", "HANNIBAL_PORT": self.server.port, "HANNIBAL_EDGE_PORT": free_port()}
        self._variables = "".join(f"export {name}={value}\n" for name, value in variables.items())

    def _copy_sources(self) -> None:
        checkout = self.runner.checkout
        # A copy: what is installed and built there is nobody else's.
        shutil.copytree(FOLDER, checkout / "examples" / "product", ignore=_left_out)
        (checkout / "Makefile").symlink_to(ROOT / "Makefile")
        (checkout / "config").unlink()
        shutil.copytree(given_configuration.FOLDER, checkout / "config")  # a test may change it
        command = self.runner.program
        installed = checkout / ".venv" / "bin" / "hannibal"
        installed.parent.mkdir(parents=True)
        installed.symlink_to(command)
        # Before any other in the `PATH` of the product's own scripts.
        npm = checkout / "examples" / "product" / "node_modules" / ".bin" / "npm"
        npm.parent.mkdir(parents=True)
        npm.write_text(_NPM.format(npm=shutil.which("npm"), installed=FOLDER / "node_modules"))
        npm.chmod(0o755)

    # -- what a person types ---------------------------------------------------------------------------------------
    def up(self) -> None:
        """`make up`, on a clock that runs faster; what it would set up is set up."""
        self.type(f"hannibal local up --containers --clock-factor {_FACTOR}")
        self.type("make --old-file=setup up")
        self._let_answers_take_long()
        # That the installed program starts is seen by now.
        forked_command.write_program(self.runner.program, self.runner.prelude)

    def _let_answers_take_long(self) -> None:
        """Raise the limit that ends a release for slow answers: how slow they are is up to the machine."""
        cloudwatch = self.runner.client("cloudwatch")
        members = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[self.settings.names.release_latency_alarm])["MetricAlarms"]
        kept = {name: value for name, value in alarm.items() if name in members}
        cloudwatch.put_metric_alarm(**kept | {"Threshold": LIMIT_SECONDS})

    def commands(self) -> Block:
        """The commands of the document."""
        return read_blocks(DOCUMENT)[0]

    def type(self, text: str) -> str:
        """Run commands in the checkout and return what they printed."""
        return self.runner.shell(self._variables + text, seconds=_SECONDS)

    def configure(self, text: str) -> None:
        """Add fields to the environment's file."""
        with (self.runner.checkout / "config" / "dev.yaml").open("a") as file:
            file.write(f"\n{text}\n")

    def down(self) -> None:
        """End the server."""
        self.type("hannibal local down --yes")

    # -- what it looks like from outside ---------------------------------------------------------------------------
    @property
    def site(self) -> Site:
        """The product where this month's distribution answers."""
        (distribution,) = control(self.server, "GET", "distributions")
        return Site(str(distribution["url"]).rstrip("/"))

    # -- images ----------------------------------------------------------------------------------------------------
    def build_variant(self, name: str, *instructions: str) -> str:
        """Build an image from the first one with further instructions, and return its address."""
        folder = self.runner.folder / name
        folder.mkdir()
        first = f"{self.server.account}.dkr.ecr.{self.settings.region}.amazonaws.com/{self.settings.names.repository}"
        (folder / "Dockerfile").write_text("\n".join((f"FROM {first}:first", *instructions)) + "\n")
        return self.type(f"hannibal image build --source {folder} --tag {name}").strip().splitlines()[-1]


@contextmanager
def base_image(engine: Engine, folder: Path) -> Iterator[None]:
    """Lend the engine the image that the product's Dockerfile begins with, unless it has it.

    It is made of this machine's Node, because no registry can be reached; its name is taken back with the block.
    """
    wanted = _base_of(FOLDER / "Dockerfile")
    if engine.run("image", "inspect", wanted).returncode == 0:
        yield
        return
    base = base_images.make("node", engine)
    folder.mkdir()
    (folder / "npmrc").write_text(_NPMRC)
    (folder / "Dockerfile").write_text(f"FROM {base}\nCOPY npmrc /usr/local/etc/npmrc\n")
    engine.call("build", *engine.build_options, "--tag", _BASE, str(folder))
    engine.call("tag", _BASE, wanted)
    try:
        yield
    finally:
        engine.run("rmi", wanted)


def _patient(assembly: Path, copy: Path) -> Path:
    """The same templates with five minutes for a container to start: how long it takes is up to the machine."""
    shutil.copytree(assembly, copy)
    template = copy / f"{COMPUTE_STACK}.template.json"
    text, places = re.subn(r'("(?:StartPeriod|HealthCheckGracePeriodSeconds)": )\d+', r"\g<1>300", template.read_text())
    assert places == 2
    template.write_text(text)
    return copy


def _base_of(dockerfile: Path) -> str:
    line = next(line for line in dockerfile.read_text().splitlines() if line.startswith("ARG NODE_IMAGE="))
    return line.partition("=")[2]


def _left_out(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name in {"node_modules", "dist", "build"}}
