"""A product in another language runs by the same settings, from its sources to a release and back."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from installation.settings.file import load_settings
from tests.conftest import new_app
from tests.support import base_images
from tests.support.embedded import containers
from tests.support.embedded.running_month import Hannibal, RunningMonth, running_month
from tests.support.synthesis import changed

pytestmark = pytest.mark.embedded

# The image has no Node, so it asks itself by its own language, and the image before the first release by its wget; all
# else that differs is a variable.
_URL = "http://127.0.0.1:3000/health"
_HEALTH = f"python3 -c \"import urllib.request as u; u.urlopen('{_URL}', timeout=60)\" || wget -q -O /dev/null {_URL}"
_SERVICE = {
    "health_command": ("CMD-SHELL", _HEALTH),
    "start_grace_seconds": 300,  # of a machine that does other things as well
    "environment": {"GREETING": "hello", "DB_HOST": {"fact": "database_host"}},
}


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMonth]:
    engine = containers.require_engine()
    base_images.make("python", engine, tag=containers.BASE)
    assembly = tmp_path_factory.mktemp("other-language-assembly")
    from app import build

    app = new_app(assembly)
    build(app, changed(load_settings("dev"), service=_SERVICE))
    app.synth()
    options = ("--containers", engine.name, "--clock-factor", "60")
    with running_month(tmp_path_factory.mktemp("other-language"), assembly, *options) as month:
        yield month


def test_a_python_application_is_built_migrated_released_and_entered(month: RunningMonth, hannibal: Hannibal) -> None:
    built = hannibal("image", "build", "--source", str(containers.APP), "--tag", "one", "--json")
    assert built.exit_code == 0, built.output
    image = json.loads(built.stdout)["image"]

    migrated = hannibal("run", "--image", image, "--", "migrate")
    assert migrated.exit_code == 0, migrated.output
    assert "migrated" in migrated.stdout

    released = hannibal("release", "--image", image, "--yes")
    assert released.exit_code == 0, released.output
    assert month.ask("/notes", "POST") == (200, [""])
    status, about = month.ask()
    assert status == 200
    variables = about["variables"]
    assert (variables["GREETING"], variables["DB_HOST"]) == ("hello", "127.0.0.1")
    assert "sslmode=verify-full" in variables["DATABASE_URL"]
    assert about["user"] == 1000
    assert about["writable"] == ["/tmp"]  # noqa: S108 - of the container

    command = ["hannibal", "exec", "sh -c 'id -u; exit 3'"]
    shell = subprocess.run(command, env=month.server.environment, capture_output=True, text=True, check=False)
    assert (shell.stdout, shell.returncode) == ("0\n", 3), shell.stderr


def test_the_rows_and_the_release_are_there_in_the_next_month(month: RunningMonth) -> None:
    before = _containers(month)

    month.end_month()
    assert not _containers(month), "the month's containers end with it"
    month.start_month()

    assert month.ask("/notes") == (200, [""])
    assert _containers(month)
    assert not {one["id"] for one in before} & {one["id"] for one in _containers(month)}


def _containers(month: RunningMonth) -> list[dict[str, Any]]:
    return containers.containers(month.server)
