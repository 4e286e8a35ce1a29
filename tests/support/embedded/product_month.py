"""The example product on a separate machine, like after a clean clone with a container engine.

The typed commands are read from the Makefile and from docs/your-product.md, and run unchanged.
"""

import json
import re
import shlex
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
# Factor by which deployments and health checks are faster than on AWS.
_FACTOR: Final = "20"
# For the builds of an image and of a page: the slowest takes up to 270 seconds beside six busy loops.
_SECONDS: Final = 1500.0
_HTTP: Final = urllib3.PoolManager(retries=False, maxsize=16)
# In the engine's storage, where `npm ci` uses this machine's registry and certificates.
_BASE: Final = "localhost/hannibal-node-of-tests"
# `npm ci` takes twelve seconds, and would install the same as `make example` did before.
_NPM: Final = """#!/bin/bash
[[ $* == ci ]] || exec "{npm}" "$@"
ln --symbolic "{installed}"/* node_modules
cp --archive "{installed}/.bin/." node_modules/.bin
"""
_NPMRC: Final = "cafile=/etc/ssl/certs/ca-certificates.crt\n"


class Site:
    """The product at its address, as for its users."""

    def __init__(self, page: str) -> None:
        """Take the URL of the page that a browser opens."""
        self.page = page

    def ask(self, query: str, **headers: str) -> tuple[int, Any]:
        """Call the API through CloudFront, like the page."""
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
    """A checkout with an embedded AWS that `make up` started.

    Attributes:
        settings: those of the environment.
        runner: runs the commands of a person.
        server: the embedded AWS.
    """

    def __init__(self, folder: Path, assembly: Path, settings: Settings) -> None:
        self.settings = settings
        self.server = EmbeddedAws(folder)
        patient = _patient(assembly, folder / "assembly")
        self.runner = Runner(server=self.server, folder=folder, assembly=patient, settings=settings)
        self.runner.prepare()
        self._copy_sources()
        # No build layer is used again, and storing one takes Podman as long as building it.
        variables = {"BUILDAH_LAYERS": "false", "HANNIBAL_PORT": self.server.port, "HANNIBAL_EDGE_PORT": free_port()}
        self._variables = "".join(f"export {name}={value}\n" for name, value in variables.items())

    def _copy_sources(self) -> None:
        checkout = self.runner.checkout
        # A copy, so that other tests do not see what is installed and built there.
        shutil.copytree(FOLDER, checkout / "examples" / "product", ignore=_left_out)
        (checkout / "Makefile").symlink_to(ROOT / "Makefile")
        (checkout / "config").unlink()
        shutil.copytree(given_configuration.FOLDER, checkout / "config")  # a test may change it
        command = self.runner.program
        installed = checkout / ".venv" / "bin" / "hannibal"
        installed.parent.mkdir(parents=True)
        installed.symlink_to(command)
        # The first `npm` in the `PATH` of the product's own scripts.
        npm = checkout / "examples" / "product" / "node_modules" / ".bin" / "npm"
        npm.parent.mkdir(parents=True)
        npm.write_text(_NPM.format(npm=shutil.which("npm"), installed=FOLDER / "node_modules"))
        npm.chmod(0o755)

    # -- what a person types ---------------------------------------------------------------------------------------
    def up(self) -> None:
        """Run `make up` with a faster clock, without its setup, which is done before."""
        self.type(f"hannibal local up --containers --clock-factor {_FACTOR}")
        self.type("make --old-file=setup up")
        self._let_answers_take_long()
        # By now it is shown that the installed program starts.
        forked_command.write_program(self.runner.program, self.runner.prelude)

    def _let_answers_take_long(self) -> None:
        """Raise the threshold at which slow answers end a release: their time depends on the machine."""
        cloudwatch = self.runner.client("cloudwatch")
        members = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[self.settings.names.release_latency_alarm])["MetricAlarms"]
        kept = {name: value for name, value in alarm.items() if name in members}
        cloudwatch.put_metric_alarm(**kept | {"Threshold": LIMIT_SECONDS})

    def commands(self) -> Block:
        """The commands of the document."""
        return read_blocks(DOCUMENT)[0]

    def type(self, text: str) -> str:
        """Run commands in the checkout and return their output."""
        return self.runner.shell(self._variables + text, seconds=_SECONDS)

    def configure(self, text: str) -> None:
        """Add fields to the environment's settings file."""
        with (self.runner.checkout / "config" / "dev.yaml").open("a") as file:
            file.write(f"\n{text}\n")

    def down(self) -> None:
        """End the server."""
        self.type("hannibal local down --yes")

    # -- what it looks like from outside ---------------------------------------------------------------------------
    @property
    def site(self) -> Site:
        """The product at the address of this month's distribution."""
        (distribution,) = control(self.server, "GET", "distributions")
        return Site(str(distribution["url"]).rstrip("/"))

    # -- images ----------------------------------------------------------------------------------------------------
    def build_variant(self, name: str, *instructions: str) -> str:
        """Build an image from the first one with further instructions, and return its URI."""
        folder = self.runner.folder / name
        folder.mkdir()
        first = f"{self.server.account}.dkr.ecr.{self.settings.region}.amazonaws.com/{self.settings.names.repository}"
        (folder / "Dockerfile").write_text("\n".join((f"FROM {first}:first", *instructions)) + "\n")
        printed = self.type(f"hannibal image build --source {shlex.quote(str(folder))} --tag {name}")
        return printed.strip().splitlines()[-1]


@contextmanager
def base_image(engine: Engine, folder: Path) -> Iterator[None]:
    """Give the engine the base image of the product's Dockerfile for the ``with`` block, unless it has it.

    It is made from this machine's Node, because no registry can be reached; the end of the block removes its name.
    """
    image = _base_of(FOLDER / "Dockerfile")
    if engine.run("image", "inspect", image).returncode == 0:
        yield
        return
    base = base_images.make("node", engine)
    folder.mkdir()
    (folder / "npmrc").write_text(_NPMRC)
    (folder / "Dockerfile").write_text(f"FROM {base}\nCOPY npmrc /usr/local/etc/npmrc\n")
    engine.call("build", *engine.build_options, "--tag", _BASE, str(folder))
    engine.call("tag", _BASE, image)
    try:
        yield
    finally:
        engine.run("rmi", image)


def _patient(assembly: Path, copy: Path) -> Path:
    """The same templates with five minutes for a container's start, because its time depends on the machine."""
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
