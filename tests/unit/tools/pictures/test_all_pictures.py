"""The committed pictures are those of the templates of today, and nothing leaves its canvas."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from installation.settings import Settings
from ops.errors import UnusableInputError
from ops.stacks.checkout import Checkout, this_checkout
from tests.support.given_configuration import FOLDER
from tools.pictures import all_pictures
from tools.pictures.all_pictures import draw_all, folder_of
from tools.pictures.system import read_system

_SVG = "{http://www.w3.org/2000/svg}"
_WIDEST_LETTER = {"title": 10.4, "head": 8.3}


def _parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - it is our own


@pytest.fixture(scope="module")
def pictures(assembly: Callable[[str], Path]) -> dict[str, str]:
    return draw_all(assembly("dev"), assembly("zone"))


def test_the_committed_pictures_are_current(pictures: dict[str, str]) -> None:
    for name, svg in pictures.items():
        committed = (folder_of(this_checkout()) / name).read_text(encoding="utf-8")
        assert committed == svg, f"{name} shows another system; run `make pictures`"


def test_pictures_are_drawn_of_what_tests_compare_them_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where an installation has another configuration, it could never draw what its tests ask for."""
    given = tmp_path / all_pictures.CONFIGURATION
    shutil.copytree(FOLDER, given)
    given.joinpath("dev.yaml").write_text(
        given.joinpath("dev.yaml").read_text().replace("project: nestjs", "project: a")
    )
    asked: list[str] = []

    def synthesize(_: Checkout, wanted: Mapping[Path, Settings]) -> None:
        asked.extend(settings.project for settings in wanted.values())

    monkeypatch.setattr(all_pictures, "synthesize", synthesize)
    monkeypatch.setattr(all_pictures, "draw_all", lambda *_: {})
    assert all_pictures.write_all(Checkout(root=tmp_path)) == []
    assert asked == ["a-hannibal-3", "a-hannibal-3"]


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_all_words_are_on_the_canvas(assembly: Callable[[str], Path], environment: str) -> None:
    for name, svg in draw_all(assembly(environment), assembly("zone")).items():
        root = _parsed(svg)
        _, _, width, height = (float(number) for number in root.attrib["viewBox"].split())
        for text in root.iter(f"{_SVG}text"):
            words = text.text or ""
            long = len(words) * _WIDEST_LETTER.get(text.attrib["class"], 7.2)
            x, y = float(text.attrib["x"]), float(text.attrib["y"])
            left = x - {"start": 0.0, "middle": long / 2, "end": long}[text.attrib["text-anchor"]]
            assert left >= 0, (name, words)
            assert left + long <= width, (name, words)
            assert 0 < y < height, (name, words)


def test_every_stack_is_shown_with_the_stacks_that_it_reads(pictures: dict[str, str]) -> None:
    words = [text.text for text in _parsed(pictures["stacks.svg"]).iter(f"{_SVG}text")]
    for stack in ("IdentityStack", "AuditStack", "StorageStack", "EdgeStack"):
        assert stack in words
    assert "reads: Artifact, Compute" in words


def test_the_request_shows_the_ports_and_paths_of_the_templates(pictures: dict[str, str]) -> None:
    words = [text.text for text in _parsed(pictures["request.svg"]).iter(f"{_SVG}text")]
    assert {"/graphql", "/api/*", "HTTP 80", "HTTP 9000", "3000", "5432"} <= set(words)


def test_a_picture_fails_where_the_templates_have_outgrown_it(assembly: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / "assembly"
    shutil.copytree(assembly("dev"), folder)
    template = folder / "StorageStack.template.json"
    template.write_text(template.read_text().replace("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"))
    with pytest.raises(UnusableInputError, match="show one AWS::RDS::DBInstance, the templates have 0"):
        draw_all(folder, assembly("zone"))


def test_a_persistent_stack_reads_no_ephemeral_one(assembly: Callable[[str], Path]) -> None:
    system = read_system(assembly("dev"))
    month = {stack.name for stack in system.lifecycle("ephemeral")}
    assert month
    for stack in system.lifecycle("persistent"):
        assert not month.intersection(system.reads(stack))


def test_the_start_shows_what_decides_it_without_and_with_a_zone(pictures: dict[str, str]) -> None:
    words = [text.text or "" for text in _parsed(pictures["start.svg"]).iter(f"{_SVG}text")]
    assert [text for text in words if text.endswith(" minutes")] == [
        "Without a hosted zone: 18.0 minutes",
        "With a hosted zone, EdgeStack stays: 11.9 minutes",
    ]
    assert words.count("database, Storage") == 2
    assert {"load balancer, Storage", "load balancer, Compute", "CloudFront, Edge"} <= set(words)
