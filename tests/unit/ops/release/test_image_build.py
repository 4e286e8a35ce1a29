"""An image is built once for each commit, by the Docker that is there."""

import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.account.caller import Caller
from ops.errors import FailedError, UnusableInputError
from ops.release.image_build import build_image, commit_of
from tests.support.aws import aws_of
from tests.support.git import git

CALLER = Caller(account="123456789012", identity="arn", region="ap-northeast-1", endpoint=None)
ADDRESS = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/nestjs-hannibal-3"


class ImageNotFoundError(Exception):
    pass


class RepositoryNotFoundError(Exception):
    pass


class FakeEcr:
    """A repository; a pushed tag appears when Docker has left its mark."""

    exceptions = SimpleNamespace(
        ImageNotFoundException=ImageNotFoundError, RepositoryNotFoundException=RepositoryNotFoundError
    )

    def __init__(self, log: Path) -> None:
        self.log = log
        self.tags: dict[str, str] = {}
        self.missing = False

    def describe_images(self, repositoryName: str, imageIds: list[dict[str, str]]) -> Any:  # noqa: N803 - boto3's name
        if self.missing:
            raise RepositoryNotFoundError
        tag = imageIds[0]["imageTag"]
        if self.log.exists() and f"--push --tag {ADDRESS}:{tag}" in self.log.read_text():
            self.tags[tag] = "sha256:new"
        if tag not in self.tags:
            raise ImageNotFoundError
        return {"imageDetails": [{"imageDigest": self.tags[tag]}]}

    def get_authorization_token(self) -> Any:
        token = base64.b64encode(b"AWS:password-of-the-registry").decode()
        return {"authorizationData": [{"authorizationToken": token}]}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "docker.log"


@pytest.fixture
def ecr(log: Path) -> Any:
    return FakeEcr(log)


@pytest.fixture
def docker(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Docker that writes down what it is asked, prints Latin-1, and fails where a file says so."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "docker"
    script.write_text(
        f'#!/bin/sh\necho "$@ < $([ "$1" = login ] && cat)" >> "{log}"\n'
        "printf 'caf\\351\\n' >&2\n"
        f'[ "$1" = buildx ] && [ -f "{tmp_path}/broken" ] && {{ echo "npm ERR! 404" >&2; exit 1; }}\nexit 0\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return tmp_path / "broken"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "application"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        git(folder, *command)
    return folder


@pytest.mark.parametrize("shown", ["normal", "no"])
def test_the_tag_is_the_commit(source: Path, shown: str) -> None:
    """Also for a user whose git lists no new files, which would be in the image all the same."""
    git(source, "config", "status.showUntrackedFiles", shown)
    assert git(source, "rev-parse", "HEAD").startswith(commit_of(source))
    (source / "new").write_text("x")
    with pytest.raises(UnusableInputError, match="are not committed"):
        commit_of(source)


def test_in_a_hook_of_another_repository_the_sources_count(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git tells a hook its repository; the image got the tag of a commit that has nothing to do with it."""
    commit, other = git(source, "rev-parse", "HEAD"), tmp_path / "other"
    git(tmp_path, "init", "--quiet", str(other))
    git(other, "commit", "--quiet", "--allow-empty", "--message=other")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    assert commit.startswith(commit_of(source))


def test_a_changed_submodule_is_a_change(source: Path) -> None:
    """Also for a user whose git does not look into submodules: the image would not be that of the commit."""
    inner = source / "library"
    inner.mkdir()
    (inner / "code").write_text("x")
    for folder, command in ((inner, ["init", "-q"]), (inner, ["add", "."]), (inner, ["commit", "-qm", "first"])):
        git(folder, *command)
    for command in (["add", "library"], ["commit", "-qm", "library"], ["config", "diff.ignoreSubmodules", "all"]):
        git(source, *command)
    assert commit_of(source)
    (inner / "code").write_text("y")
    with pytest.raises(UnusableInputError, match="are not committed"):
        commit_of(source)


def test_a_repository_within_the_sources_runs_nothing_here(source: Path, tmp_path: Path) -> None:
    """A clone may bring along a folder that git takes for a repository, with a program that tells what has changed."""
    folder = source / "api"
    git(source, "init", "--quiet", "--bare", str(folder))
    with (folder / "config").open("a") as config:
        config.write(f'[core]\n\tbare = false\n\tworktree = .\n\tfsmonitor = "touch {tmp_path}/ran; false"\n')
    with pytest.raises(UnusableInputError):
        commit_of(folder)

    assert not (tmp_path / "ran").exists()


def test_a_folder_without_history_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="no git checkout"):
        commit_of(tmp_path)


def test_without_git_a_tag_is_asked_for(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnusableInputError, match="git was not found") as refusal:
        commit_of(source)
    assert refusal.value.advice == ("Install it, or give a --tag.",)


@pytest.mark.usefixtures("docker")
def test_an_image_is_built_for_its_processor_and_pushed(ecr: Any, settings: Settings, source: Path, log: Path) -> None:
    built = build_image(aws_of(ecr=ecr, settings=settings), CALLER, source=source, tag="abc")
    assert (built.image, built.existed) == (f"{ADDRESS}@sha256:new", False)
    login, build = log.read_text().splitlines()
    assert login.endswith("< password-of-the-registry")
    assert "password-of-the-registry" not in login.partition("<")[0], "arguments are seen by everybody on the machine"
    assert "--platform linux/arm64" in build


@pytest.mark.usefixtures("docker")
def test_a_repeated_run_builds_nothing(ecr: Any, settings: Settings, source: Path, log: Path) -> None:
    ecr.tags["abc"] = "sha256:old"
    built = build_image(aws_of(ecr=ecr, settings=settings), CALLER, source=source, tag="abc")
    assert (built.image, built.existed) == (f"{ADDRESS}@sha256:old", True)
    assert not log.exists()


def test_a_failed_build_keeps_dockers_words(ecr: Any, settings: Settings, source: Path, docker: Path) -> None:
    docker.touch()
    with pytest.raises(FailedError) as raised:
        build_image(aws_of(ecr=ecr, settings=settings), CALLER, source=source, tag="abc")
    assert "npm ERR! 404" in raised.value.advice


def test_what_is_missing_is_named(
    ecr: Any, settings: Settings, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnusableInputError, match="docker is not installed"):
        build_image(aws_of(ecr=ecr, settings=settings), CALLER, source=source, tag="abc")
    with pytest.raises(UnusableInputError, match="no Dockerfile"):
        build_image(aws_of(ecr=ecr, settings=settings), CALLER, source=tmp_path, tag="abc")
    ecr.missing = True
    with pytest.raises(FailedError, match="no repository"):
        build_image(aws_of(ecr=ecr, settings=settings), CALLER, source=source, tag="abc")
