"""Base images for tests, made of this machine's own programs, so that no registry is needed.

``python -m tests.support.base_images node --tag docker.io/library/node:24-slim`` makes one and prints its name; with
``--tag`` the image also gets the name in a Dockerfile's ``FROM``.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path

from embedded_aws.containers import machine_image
from embedded_aws.containers.engine import Engine, EngineError, find_any_engine
from embedded_aws.containers.machine_image import MachineImage

_TOOLS = (
    *("sh", "basename", "cat", "chmod", "chown", "cp", "cut", "date", "dirname", "echo", "env", "false", "find"),
    *("grep", "head", "id", "ls", "mkdir", "mktemp", "mv", "printf", "pwd", "readlink", "rm", "rmdir", "sed", "sleep"),
    *("sort", "tail", "tar", "touch", "tr", "true", "uname", "wc"),
)
# The PostgreSQL driver that a small Python application needs.
_PYTHON_PACKAGES = ("psycopg", "psycopg_binary", "typing_extensions")
# A separate folder, because Debian's Python does not search `site-packages`.
_PACKAGES_IN_IMAGE = Path("/usr/local/lib/python-packages")


def node_image() -> MachineImage:
    """An image like ``node:…-slim``, with ``node``, a shell, and ``npm`` where the machine has it.

    Raises:
        EngineError: there is no node on this machine.
    """
    node = shutil.which("node")
    if node is None:
        raise EngineError("node is not installed")
    return MachineImage(
        repository="localhost/hannibal-node",
        files=machine_image.program(Path(node).resolve(), destination="/usr/local/bin/node") | _tools() | _npm(),
        links={"usr/local/bin/npm": "../lib/node_modules/npm/bin/npm-cli.js"} if _npm() else {},
        texts=_authorities(),
    )


def whole_python(packages: Iterable[Path] = ()) -> tuple[str, dict[str, Path]]:
    """The interpreter of this process with its standard library, without tests and graphical interfaces.

    Args:
        packages: folders or modules of packages, which the image also gets, in a folder for PYTHONPATH.

    Returns:
        The interpreter's path in the image, and the files.
    """
    interpreter = Path(sys._base_executable).resolve()  # type: ignore[attr-defined]
    standard = Path(json.__file__).parent.parent
    left_out = {
        "test",
        "tests",
        "idlelib",
        "tkinter",
        "turtledemo",
        "ensurepip",
        "lib2to3",
        "__pycache__",
        "site-packages",
    }
    chosen = [file for file in standard.rglob("*") if not left_out & set(file.relative_to(standard).parts)]
    files = {str(file): file for file in chosen if file.is_file() and not _is_for_building(file, standard)}
    for package in packages:
        inside = [package] if package.is_file() else [file for file in package.rglob("*") if file.is_file()]
        files |= {
            str(_PACKAGES_IN_IMAGE / file.relative_to(package.parent)): file
            for file in inside
            if "__pycache__" not in file.parts
        }
    linked = [file for name, file in files.items() if ".so" in Path(name).suffixes]
    outside = {name: file for name, file in machine_image.libraries(linked).items() if "site-packages" not in name}
    return str(interpreter), files | machine_image.program(interpreter) | outside


def _is_for_building(file: Path, standard: Path) -> bool:
    """Whether a file is only for building Python and its extensions, or for graphical interfaces."""
    return file.relative_to(standard).parts[0].startswith("config-") or file.name.startswith("_tkinter")


def python_image() -> MachineImage:
    """An image with ``python3``, its standard library, the PostgreSQL driver psycopg, and a shell."""
    packages = []
    for name in _PYTHON_PACKAGES:
        found = find_spec(name)
        assert found is not None, name
        assert found.origin is not None, name
        packages.append(Path(found.origin).parent if found.submodule_search_locations else Path(found.origin))
    packages += packages[0].parent.glob("psycopg_binary.libs")
    interpreter, files = whole_python(packages)
    folder = str(Path(interpreter).parent)
    return MachineImage(
        repository="localhost/hannibal-python",
        files=files | _tools(),
        links={f"{folder}/python3".lstrip("/"): Path(interpreter).name} if Path(interpreter).name != "python3" else {},
        texts=_authorities(),
        instructions=(f"ENV PATH={folder}:/usr/local/bin:/usr/bin:/bin", f"ENV PYTHONPATH={_PACKAGES_IN_IMAGE}"),
    )


def _tools() -> dict[str, Path]:
    return machine_image.tools(_TOOLS, os.environ["PATH"]) | {
        "/usr/bin/env": Path(shutil.which("env") or "/usr/bin/env").resolve()
    }


def _npm() -> dict[str, Path]:
    npm = shutil.which("npm")
    root = Path(npm).resolve().parent.parent if npm else None
    if root is None or not (root / "bin" / "npm-cli.js").is_file():
        return {}
    return {
        f"/usr/local/lib/node_modules/npm/{file.relative_to(root)}": file
        for file in root.rglob("*")
        if file.is_file() and "man" not in file.relative_to(root).parts[:1]
    }


def _authorities() -> dict[str, bytes]:
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    return {"etc/ssl/certs/ca-certificates.crt": bundle.read_bytes()} if bundle.is_file() else {}


_IMAGES: Mapping[str, Callable[[], MachineImage]] = {"node": node_image, "python": python_image}


def make(kind: str, engine: Engine, *, tag: str | None = None) -> str:
    """Make the base image ``node`` or ``python`` unless the engine has it, and return its name.

    Args:
        kind: ``node`` or ``python``.
        engine: the container engine that gets the image.
        tag: another name for it, such as the one in a Dockerfile's ``FROM``.

    Raises:
        EngineError: it cannot be made.
    """
    name = machine_image.make(_IMAGES[kind](), engine)
    for further in (f"localhost/hannibal-{kind}:latest", tag):
        if further:
            engine.call("tag", name, further)
    return name


def main() -> None:
    """Make an image by the arguments of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.base_images", description=__doc__)
    parser.add_argument("kind", choices=sorted(_IMAGES))
    parser.add_argument("--tag", help="a further name for it")
    options = parser.parse_args()
    try:
        print(make(options.kind, find_any_engine(os.environ), tag=options.tag))
    except EngineError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
