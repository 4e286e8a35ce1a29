"""Types of values that several sections have."""

from pathlib import Path

import pytest

from tests.support.settings_file import load, problem, with_value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("account_id", "\uff11" * 12),
        ("database.engine_version", "\uff11\uff18.3"),
        ("service.user", "1\uff10\uff10\uff10"),
        ("developer_permission_set", "D\xe9v"),
        ("guardrail.alert_email", "\uff41@example.org"),
    ],
)
def test_characters_that_only_look_alike_are_refused(tmp_path: Path, path: str, value: str) -> None:
    assert f"{path}: String should match pattern" in problem(tmp_path, with_value(path, value))


@pytest.mark.parametrize("path", ["release.migrate", "database.restore_check"])
def test_a_command_that_no_task_takes_is_refused(tmp_path: Path, path: str) -> None:
    load(tmp_path, with_value(path, ["node", "x" * 7_000]))
    assert f"{path}: has 80" in problem(tmp_path, with_value(path, ["node", "x" * 8_000]))
    assert f"{path}: Tuple should have at least 1 item" in problem(tmp_path, with_value(path, []))


DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    "image",
    [
        *("node:22-alpine", "library/node:22", "localhost/api:1", "localhost:5000/api:1", "registry:5000/a/b/c:1"),
        *("ghcr.io/some-body/my_api.v2:V1.0_x", "GHCR.IO/a/b:1", f"public.ecr.aws/a/b@{DIGEST}", f"a.b/c:1@{DIGEST}"),
        *("docker.io/a__b/c---d:1", "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/shop:1"),
    ],
)
def test_an_image_that_can_be_pulled_is_taken(tmp_path: Path, image: str) -> None:
    assert load(tmp_path, with_value("service.initial_image", image)).service.initial_image == image


@pytest.mark.parametrize(
    "image",
    [
        *("", "shop", "shop:", ":1", "shop@sha256:abc", "shop:1 ", " shop:1", "shop:1\n", "shop: 1", '"shop:1"'),
        *("https://ghcr.io/a/b:1", "ghcr.io/Somebody/api:1", "Somebody/api:1", "Api:1", "a//b:1", "a/:1", "/a:1"),
        *("a/b:1/c", "a/-b:1", "a/b-:1", "a/b..c:1", "a/b:-1", "a/b:" + "1" * 129, "\u201cshop:1\u201d", DIGEST),
        *("example.org/shop:\uff11", "example.org/sh\xf6p:1", "IMAGE", "${{ github.repository }}:1", "a/b@1"),
    ],
)
def test_an_image_that_no_registry_has_is_refused(tmp_path: Path, image: str) -> None:
    message = problem(tmp_path, with_value("service.sidecars", {"proxy": {"image": image}}))
    assert "service.sidecars.proxy.image: must be REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:DIGEST" in message
