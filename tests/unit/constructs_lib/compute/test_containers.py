"""The database's certificates reach every container, without a demand on its image."""

import json
import subprocess
from pathlib import Path

import pytest

from installation.aws_facts.rds_certificates import FOLDER, certificates_of, default_certificate_of, regions
from installation.names import CERTIFICATES_FILE, DATABASE_USER_CONTAINER
from tests.support.compute_stack import ComputeTemplates, Variant, dev, every_variant, secured

ROOT = Path(__file__).resolve().parents[4]


@every_variant
def test_certificates_are_written_before_the_api_starts(variant: Variant) -> None:
    compute = variant()
    assert {"ContainerName": "certificates", "Condition": "SUCCESS"} in compute.container()["DependsOn"]
    assert compute.container("certificates")["Essential"] is False
    for variable in ("NODE_EXTRA_CA_CERTS", "PGSSLROOTCERT"):
        assert compute.environment()[variable] == CERTIFICATES_FILE


def test_the_command_writes_exactly_the_certificates_with_a_shell_alone(tmp_path: Path) -> None:
    container = dev().container("certificates")
    assert container["WorkingDirectory"] == CERTIFICATES_FILE.rpartition("/")[0]
    environment = dev().environment("certificates") | {"PATH": ""}
    subprocess.run(["/bin/sh", *container["Command"][1:]], check=True, cwd=tmp_path, env=environment)
    written = tmp_path / CERTIFICATES_FILE.rpartition("/")[2]
    assert written.read_text() == certificates_of(dev().settings.region)


def test_a_failed_write_fails_the_container(tmp_path: Path) -> None:
    container = dev().container("certificates")
    (tmp_path / CERTIFICATES_FILE.rpartition("/")[2]).mkdir()
    assert subprocess.run(["/bin/sh", *container["Command"][1:]], check=False, cwd=tmp_path).returncode != 0


def test_its_container_is_locked_down_and_fixed_to_the_byte() -> None:
    container = dev().container("certificates")
    assert container["ReadonlyRootFilesystem"] is True
    assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert "@sha256:" in container["Image"]
    assert not container.get("Secrets")


def test_an_image_with_certificates_needs_no_container() -> None:
    compute = ComputeTemplates(
        "dev", service={"certificates_image": None, "environment": {"PGSSLROOTCERT": "/app/rds.pem"}}
    )
    assert [one["Name"] for one in compute.properties("AWS::ECS::TaskDefinition")["ContainerDefinitions"]] == ["api"]
    assert compute.environment()["PGSSLROOTCERT"] == "/app/rds.pem"
    assert "NODE_EXTRA_CA_CERTS" not in compute.environment()


def test_certificate_files_are_those_of_the_package() -> None:
    script = ROOT / "tools" / "rds_certificates.mjs"
    result = subprocess.run(["node", script, "--check"], check=False, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_region_has_three_authorities_and_the_first_is_the_default() -> None:
    for region in regions():
        assert (FOLDER / f"{region}.pem").read_text().count("BEGIN CERTIFICATE") == 3
        assert certificates_of(region).startswith(default_certificate_of(region))


def test_an_unknown_region_is_named() -> None:
    with pytest.raises(ValueError, match=r"RDS in mars-north-1 are not known; known are: af-south-1, "):
        certificates_of("mars-north-1")


def test_the_services_user_is_made_before_the_api_starts_by_a_container_without_rights() -> None:
    container = secured().container(DATABASE_USER_CONTAINER)

    assert {"ContainerName": DATABASE_USER_CONTAINER, "Condition": "SUCCESS"} in secured().container()["DependsOn"]
    assert container["DependsOn"] == [{"ContainerName": "certificates", "Condition": "SUCCESS"}]
    assert (container["Essential"], container["User"], container["ReadonlyRootFilesystem"]) == (False, "65534", True)
    assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert secured().environment(DATABASE_USER_CONTAINER)["SERVICE_USER"] == "app"


def test_the_api_has_none_of_the_secrets_that_make_it() -> None:
    makers = {json.dumps(value) for value in secured().secrets(DATABASE_USER_CONTAINER).values()}

    assert set(secured().secrets(DATABASE_USER_CONTAINER)) == {"DATABASE_URL", "SERVICE_PASSWORD"}
    assert not makers & {json.dumps(value) for value in secured().secrets().values()}


def test_without_the_setting_the_service_is_the_master_user() -> None:
    assert "Connection" in json.dumps(dev().secrets()["DATABASE_URL"])
    assert DATABASE_USER_CONTAINER not in json.dumps(dev().json)
