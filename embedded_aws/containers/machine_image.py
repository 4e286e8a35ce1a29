"""Images of this machine's own programs and their libraries, for use without a registry."""

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from embedded_aws.containers.engine import Engine, EngineError

_LIBRARY = re.compile(r"(/\S+) \(0x")
_LOADED_FILES = "import {modules}, json, sys; print(json.dumps([getattr(m, '__file__', None) for m in {names}]))"
_USERS = b"root:x:0:0:root:/:/bin/sh\nnode:x:1000:1000:node:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"
_GROUPS = b"root:x:0:\nnode:x:1000:\nnogroup:x:65534:\n"


@dataclass(frozen=True, kw_only=True)
class MachineImage:
    """The contents of an image."""

    repository: str  # its name without the tag, which is computed from the contents
    files: Mapping[str, Path]  # path in the image, and the file of this machine
    # Further files by their path, with their content.
    texts: Mapping[str, bytes] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)  # symbolic links by their path, with their targets
    # Instructions of a Dockerfile, like ``ENV PATH=/bin``.
    instructions: tuple[str, ...] = ("ENV PATH=/usr/local/bin:/usr/bin:/bin",)

    @property
    def reference(self) -> str:
        """Its name with the tag computed from its contents."""
        digest = hashlib.sha256(json.dumps([self.instructions, sorted(self.links.items())]).encode())
        for place, content in sorted(self.texts.items()):
            digest.update(f"{place}\0".encode() + content)
        for place, file in sorted(self.files.items()):
            state = file.stat()
            digest.update(f"{place}\0{file}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
        return f"{self.repository}:{digest.hexdigest()[:12]}"


def make(image: MachineImage, engine: Engine) -> str:
    """Make an image unless the engine has it; return its name with the tag. Raises EngineError: it is not accepted."""
    reference = image.reference
    if engine.run("image", "inspect", reference).returncode != 0:
        changes = [word for line in image.instructions for word in ("--change", line)]
        with tempfile.TemporaryFile() as archive:
            _write(image, archive)
            archive.seek(0)
            engine.call("import", *changes, "-", reference, standard_input=archive.read())
    return reference


def _write(image: MachineImage, archive: "tempfile._TemporaryFileWrapper[bytes] | io.BufferedRandom") -> None:
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for folder, mode in (("tmp", 0o1777), ("proc", 0o755), ("sys", 0o755), ("dev", 0o755)):
            tar.addfile(_entry(folder, type=tarfile.DIRTYPE, mode=mode))
        for place, content in {"etc/passwd": _USERS, "etc/group": _GROUPS, **image.texts}.items():
            tar.addfile(_entry(place, size=len(content), mode=0o644), io.BytesIO(content))
        for place, target in image.links.items():
            tar.addfile(_entry(place, type=tarfile.SYMTYPE, linkname=target))
        for place, file in image.files.items():
            # The file itself and never a link: the target may have another path in the image.
            real = file.resolve()
            state = real.stat()
            mode = state.st_mode & 0o777 | 0o444
            with real.open("rb") as source:
                tar.addfile(_entry(place, size=state.st_size, mode=mode, mtime=int(state.st_mtime)), source)


def _entry(place: str, **attributes: object) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(place.lstrip("/"))
    for name, value in attributes.items():
        setattr(entry, name, value)
    return entry


def program(path: Path, *, destination: str | None = None) -> dict[str, Path]:
    """A program, at its path or a destination, with its shared libraries where the program looks for them."""
    return {destination or str(path): path} | libraries([path])


def libraries(files: Iterable[Path]) -> dict[str, Path]:
    """The shared libraries of programs and libraries, as ``ldd`` lists them; none where nothing is linked."""
    found: dict[str, Path] = {}
    for file in files:
        listed = subprocess.run(["ldd", str(file)], capture_output=True, text=True, check=False)  # noqa: S603, S607
        found |= {name: Path(name) for name in _LIBRARY.findall(listed.stdout)}
    return found


def python(modules: Iterable[str]) -> tuple[str, dict[str, Path]]:
    """This process's interpreter with the modules that programs import, and their imports: its path, and the files.

    Raises EngineError: the interpreter does not have these modules.
    """
    interpreter = Path(sys._base_executable).resolve()  # type: ignore[attr-defined]  # noqa: SLF001 - as venv does
    code = _LOADED_FILES.format(modules=", ".join(sorted(modules)), names="sys.modules.values()")
    loaded = subprocess.run(  # noqa: S603 - our own interpreter
        [str(interpreter), "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    if loaded.returncode != 0:
        raise EngineError(f"{interpreter} cannot be put into an image: {loaded.stderr.strip()}")
    names = {name for name in json.loads(loaded.stdout) if name}
    files = {name: Path(name) for name in names}
    # Python finds its standard library by this file and the folder of libraries (getpath.py).
    standard = Path(json.__file__).parent.parent
    files[str(standard / "os.py")] = standard / "os.py"
    compiled = [Path(name) for name in names if name.endswith(".so")]
    return str(interpreter), files | program(interpreter) | libraries(compiled)


def tools(names: Iterable[str], path: str) -> dict[str, Path]:
    """Installed programs by name, for the image's ``/bin``; a program that is not installed is left out."""
    found: dict[str, Path] = {}
    for name in names:
        where = shutil.which(name, path=path)
        if where is not None:
            found |= program(Path(where), destination=f"/bin/{name}")
    return found
