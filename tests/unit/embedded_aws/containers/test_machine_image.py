"""Images of the machine's own programs: what is in them, and the name that says so."""

import io
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, cast

import pytest

from embedded_aws.containers import machine_image
from embedded_aws.containers.engine import Engine, EngineError
from embedded_aws.containers.machine_image import MachineImage


@dataclass
class _Taking:
    """An engine that takes every image."""

    images: dict[str, bytes] = field(default_factory=dict)
    commands: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, *arguments: str, **_options: Any) -> "CompletedProcess[bytes]":
        return CompletedProcess(arguments, 0 if arguments[-1] in self.images else 1)

    def call(self, *arguments: str, standard_input: bytes = b"", **_options: Any) -> str:
        self.commands.append(arguments)
        self.images[arguments[-1]] = standard_input
        return ""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    script = tmp_path / "run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o700)
    return script


def _image(file: Path, **changes: Any) -> MachineImage:
    return MachineImage(repository="localhost/x", files={"/bin/run": file}, **changes)


def test_an_image_is_made_once(file: Path) -> None:
    taking = _Taking()

    names = {machine_image.make(_image(file), cast("Engine", taking)) for _ in range(2)}

    assert len(names) == 1
    assert len(taking.commands) == 1
    assert taking.commands[0][:3] == ("import", "--change", "ENV PATH=/usr/local/bin:/usr/bin:/bin")


def test_it_holds_files_that_everybody_can_read_and_what_links_lead_to(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    taking = _Taking()

    machine_image.make(_image(link, links={"bin/again": "run"}, texts={"etc/motd": b"hello"}), cast("Engine", taking))

    with tarfile.open(fileobj=io.BytesIO(next(iter(taking.images.values())))) as tar:
        run = tar.getmember("bin/run")
        assert run.isfile()
        assert run.mode == 0o744
        assert tar.getmember("bin/again").linkname == "run"
        assert tar.getmember("tmp").mode == 0o1777
        motd = tar.extractfile("etc/motd")
        assert motd is not None
        assert motd.read() == b"hello"


def test_its_name_changes_with_its_content(file: Path) -> None:
    names = [_image(file).reference, _image(file, texts={"etc/motd": b"hello"}).reference]
    names.append(_image(file, links={"a": "b"}).reference)
    file.write_text("#!/bin/sh\necho longer\n")
    names.append(_image(file).reference)

    assert len(set(names)) == 4


def test_a_program_comes_with_its_libraries() -> None:
    files = machine_image.program(Path("/bin/sh"), destination="/bin/shell")

    assert files.pop("/bin/shell") == Path("/bin/sh")
    assert any("libc.so" in name for name in files)
    assert all(file.is_absolute() for file in files.values())


def test_python_comes_with_what_modules_need_and_no_more() -> None:
    interpreter, files = machine_image.python(["socket", "selectors"])

    assert interpreter in files
    names = {Path(name).name for name in files}
    assert {"os.py", "socket.py", "selectors.py"} <= names
    assert "asyncio" not in {Path(name).parent.name for name in files}


def test_a_module_that_is_not_there_is_told() -> None:
    with pytest.raises(EngineError, match="No module named 'no_such_module'"):
        machine_image.python(["no_such_module"])


def test_tools_that_are_not_installed_are_left_out() -> None:
    found = machine_image.tools(["sh", "no-such-tool"], f"/bin:{Path(sys.executable).parent}")

    assert "/bin/sh" in found
    assert "/bin/no-such-tool" not in found
