"""Which files of a folder are published, and which folders are refused."""

import os
from pathlib import Path

import pytest

from ops.errors import UnusableInputError
from ops.frontend.page_files import read_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "assets" / "index-BkZ3x9aQ.js").write_text("1")
    return folder


def test_files_below_the_folder_by_their_names_in_the_address(folder: Path) -> None:
    (folder / ".well-known").mkdir()
    (folder / ".well-known" / "security.txt").write_text("x")
    (folder / "Überblick.html").write_text("x")

    found = read_folder(folder)

    assert [file.key for file in found.files] == [
        ".well-known/security.txt",
        "assets/index-BkZ3x9aQ.js",
        "index.html",
        "Überblick.html",
    ]
    assert found.files[1].size == 1
    assert found.files[1].sha256 == "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"


def test_hidden_files_and_source_maps_stay_out(folder: Path) -> None:
    (folder / ".env").write_text("SECRET=1")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("x")
    (folder / "assets" / "index-BkZ3x9aQ.js.map").write_text("{}")

    found = read_folder(folder)

    assert [file.key for file in found.files] == ["assets/index-BkZ3x9aQ.js", "index.html"]
    assert found.left_out == (".env", ".git/…", "assets/index-BkZ3x9aQ.js.map")


def test_a_link_inside_the_folder_is_the_file_that_it_leads_to(folder: Path) -> None:
    (folder / "start.html").symlink_to("index.html")
    assert [file.size for file in read_folder(folder).files if file.key == "start.html"] == [15]


def _outside(folder: Path) -> None:
    (folder.parent / "passwd").write_text("x")
    (folder / "passwd.txt").symlink_to(folder.parent / "passwd")


def _to_a_folder(folder: Path) -> None:
    (folder / "more").symlink_to("assets")


def _dangling(folder: Path) -> None:
    (folder / "gone.html").symlink_to("nowhere.html")


def _circle(folder: Path) -> None:
    (folder / "a.html").symlink_to("b.html")
    (folder / "b.html").symlink_to("a.html")


def _to_a_hidden_file(folder: Path) -> None:
    (folder / ".env").write_text("SECRET=1")
    (folder / "env.txt").symlink_to(".env")


def _pipe(folder: Path) -> None:
    """Reading it would wait for a writer."""
    os.mkfifo(folder / "pipe.html")


def _not_utf_8(folder: Path) -> None:
    (folder / os.fsdecode(b"a\xff.html")).write_text("x")


def _no_index(folder: Path) -> None:
    (folder / "index.html").unlink()


def _built_below(folder: Path) -> None:
    (folder / "index.html").unlink()
    (folder / "dist").mkdir()
    (folder / "dist" / "index.html").write_text("x")


def _empty(folder: Path) -> None:
    (folder / "index.html").write_text("")


def _project(folder: Path) -> None:
    (folder / "package.json").write_text("{}")


def _control_letter(folder: Path) -> None:
    (folder / "a\nb.html").write_text("x")


def _one_name_twice(folder: Path) -> None:
    (folder / "\u00fc.html").write_text("x")
    (folder / "u\u0308.html").write_text("x")


def _long_name(folder: Path) -> None:
    deep = folder.joinpath(*["d" * 200] * 6)
    deep.mkdir(parents=True)
    (deep / "a.html").write_text("x")


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (_outside, "outside of what is published"),
        (_to_a_folder, "is a link to a folder"),
        (_dangling, "leads nowhere"),
        (_circle, "is a link that leads nowhere"),
        (_to_a_hidden_file, "outside of what is published"),
        (_pipe, "is no file"),
        (_not_utf_8, r"the name 'a\\udcff.html' has a letter that no address can carry"),
        (_no_index, "has no index.html"),
        (_built_below, "has no index.html"),
        (_empty, "is empty"),
        (_project, "has package.json: it is a project"),
        (_control_letter, "has a letter that no address can carry"),
        (_one_name_twice, "have one name, written in two ways"),
        (_long_name, "is longer than S3's 1024 bytes"),
    ],
)
def test_a_folder_that_cannot_be_published(folder: Path, break_it: object, message: str) -> None:
    assert callable(break_it)
    break_it(folder)
    with pytest.raises(UnusableInputError, match=message):
        read_folder(folder)


def test_the_build_below_a_wrong_folder_is_named(folder: Path) -> None:
    _built_below(folder)
    with pytest.raises(UnusableInputError) as error:
        read_folder(folder)
    assert error.value.advice == (f"The build is below it: --folder {folder / 'dist'}",)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="is no folder"):
        read_folder(tmp_path / "dist")


def test_a_file_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.open

    def refuse(path: Path, *arguments: object, **more: object) -> object:
        if path.suffix == ".js":
            raise PermissionError(13, os.strerror(13))
        return real(path, *arguments, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnusableInputError, match=r"index-BkZ3x9aQ.js cannot be read: Permission denied"):
        read_folder(folder)
