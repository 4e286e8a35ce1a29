"""Files that do not fit: each is refused within a moment, with what it is and what is allowed."""

import os
import time
from pathlib import Path

import pytest
import yaml

from installation.settings.file import SettingsError, load_settings
from tests.conftest import ROOT
from tests.support.settings_file import load, minimal, problem

REPEATED = "\n".join(["x0: &x0 [a, a]", *(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 12))])
MERGED = "\n".join(
    ["x0: &x0 {a: 1}", *(f"x{n}: &x{n} {{<<: [{', '.join([f'*x{n - 1}'] * 9)}]}}" for n in range(1, 12))]
)


@pytest.mark.parametrize("bomb", [REPEATED, MERGED], ids=["lists", "merges"])
def test_aliases_that_stand_for_aliases_hang_nothing(tmp_path: Path, bomb: str) -> None:
    began = time.process_time()
    message = problem(tmp_path, yaml.safe_dump(minimal()) + bomb)
    assert "more than 10,000 values, with what its aliases repeat" in message
    assert time.process_time() - began < 5


def test_an_alias_for_what_is_written_once_is_taken(tmp_path: Path) -> None:
    zones = "availability_zones: &zones [ap-northeast-1a, ap-northeast-1c]"
    text = yaml.safe_dump(minimal() | {"network": "NETWORK"})
    load(tmp_path, text.replace("NETWORK", f"{{{zones}, egress: public_ip}}"))
    assert "network.allowed_ingress.0" in problem(
        tmp_path, text.replace("NETWORK", f"{{{zones}, allowed_ingress: *zones, egress: public_ip}}")
    )


def test_a_file_of_many_bytes_is_another_one(tmp_path: Path) -> None:
    assert "it has 5,000,000 bytes" in problem(tmp_path, "#" * 5_000_000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("project: shop\n".encode("utf-16"), "is not text in UTF-8"),
        ("project: shop\n".encode("utf-16-le"), "is not text in UTF-8"),
        ("project: schön\n".encode("latin-1"), "is not text in UTF-8"),
        (b"\x7fELF\x02\x01\x01\x00", "is not text in UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "is not text in UTF-8"),
        (b"PK\x03\x04", "special characters are not allowed"),
        (b"[" * 1_000, "cannot be read as YAML"),
        (b"a: " * 50_000, "cannot be read as YAML"),
        (b"project: !!int ''", "a tag such as !!int does not fit the value after it"),
        (b"project: !!bool shop", "a tag such as !!int does not fit the value after it"),
        (b"project: !!timestamp shop", "a tag such as !!int does not fit the value after it"),
        (b"? " * 90_000, "cannot be read as YAML"),
        (b"- " * 90_000, "cannot be read as YAML"),
    ],
)
def test_bytes_that_are_no_settings(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "dev.yaml").write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        load_settings("dev", tmp_path)
    assert f"{tmp_path / 'dev.yaml'} " in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_editors_of_windows_write_is_read(tmp_path: Path, mark: str, end: str) -> None:
    text = mark + yaml.safe_dump(minimal()).replace("\n", end)
    (tmp_path / "dev.yaml").write_bytes(text.encode())
    assert load_settings("dev", tmp_path).project == "shop"


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "dev.yaml")
    with pytest.raises(SettingsError, match=r"dev\.yaml cannot be read: it is no file"):
        load_settings("dev", tmp_path)


@pytest.mark.parametrize(
    ("environment", "more", "message"),
    [
        (
            "dev",
            "schedule: {time_zone: Asia/Tokio}",
            "  schedule.time_zone: is not in the IANA database; write one such",
        ),
        ("dev", "load_balancer: {ports: 1}", "load_balancer.ports: unknown field; known here are: "),
        ("dev", "release: {migrate: node a.js}", "(is 'node a.js'): write a list, such as [one, two]"),
        ("dev", "expected_drift: x", "expected_drift: Input should be a valid array (is 'x'): write a list\n"),
        ("dev", "synthetic_check: {requests: x}", "requests: Input should be a valid array (is 'x'): write a list\n"),
        ("staging", "", "  the file's name: Input should be 'dev' or 'prod' (is 'staging')"),
    ],
)
def test_a_value_that_does_not_fit(tmp_path: Path, environment: str, more: str, message: str) -> None:
    written = (ROOT / "tests/support/config/dev.yaml").read_text(encoding="utf-8")
    (tmp_path / f"{environment}.yaml").write_text(f"{written}\n{more}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_settings(environment, tmp_path)
    assert message in f"{refused.value}\n"


def test_a_misspelt_environment_of_the_service_is_answered_with_its_name(tmp_path: Path) -> None:
    written = (ROOT / "tests/support/config/dev.yaml").read_text(encoding="utf-8")
    (tmp_path / "dev.yaml").write_text(written.replace("\n  environment:", "\n  enviroment:"), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"service\.enviroment: unknown field; .* environment, execute_command, "):
        load_settings("dev", tmp_path)
