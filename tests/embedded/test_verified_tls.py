"""The embedded database is verified by the forms that the documents show, as RDS is by theirs."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from embedded_aws.database.gateway import with_authority
from installation.aws_facts.rds_certificates import certificates_of
from installation.names import CERTIFICATES_VARIABLE
from tests.conftest import ROOT
from tests.embedded.test_database import PASSWORD, Account
from tests.support.embedded.database import authority
from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import unique
from tests.support.waiting import LIMIT_SECONDS

# As docs/your-product.md shows it: nothing but the variables of the task.
NODE = """
const { Client } = require("pg");
const client = new Client({ connectionString: process.env.DATABASE_URL });
client.connect()
  .then(() => client.query("SELECT current_user AS name"))
  .then(({ rows }) => { console.log(rows[0].name); return client.end(); })
  .catch((error) => { console.error(error.message); process.exit(1); });
"""


@pytest.fixture(scope="module")
def url(embedded_aws: EmbeddedAws) -> str:
    account, name = Account(embedded_aws), unique("verified")
    account.create(name)
    endpoint = account.wait_for_instance(name)["Endpoint"]
    return f"postgresql://hannibal:{PASSWORD}@{endpoint['Address']}:{endpoint['Port']}/postgres?sslmode=verify-full"


@pytest.fixture
def certificates(embedded_aws: EmbeddedAws, tmp_path: Path) -> Path:
    """What the container `certificates` writes in the embedded ECS: the authority among the other two of the region."""
    file = tmp_path / "database.pem"
    pems = certificates_of(embedded_aws.session().region_name).split("-----END CERTIFICATE-----")
    file.write_text(authority(embedded_aws) + "-----END CERTIFICATE-----".join(pems[1:]))
    return file


@pytest.fixture
def node(url: str) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    program = shutil.which("node")
    assert program

    def run(**variables: str) -> "subprocess.CompletedProcess[str]":
        environment = {"PATH": os.environ["PATH"], "NODE_PATH": str(ROOT / "node_modules"), "DATABASE_URL": url}
        return subprocess.run(
            [program, "-e", NODE],
            check=False,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
        )

    return run


def test_node_postgres_verifies_with_the_variables_of_the_task(
    node: Callable[..., "subprocess.CompletedProcess[str]"], certificates: Path
) -> None:
    result = node(NODE_EXTRA_CA_CERTS=str(certificates))
    assert (result.returncode, result.stdout) == (0, "hannibal\n"), result.stderr


def test_node_postgres_refuses_an_authority_that_nobody_gave_it(
    node: Callable[..., "subprocess.CompletedProcess[str]"],
) -> None:
    result = node()
    assert result.returncode == 1
    assert "certificate" in result.stderr


def test_libpq_verifies_with_the_variables_of_the_task(
    url: str, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", str(certificates))
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("hannibal",)


def test_libpq_refuses_the_certificates_of_another_region(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "other.pem"
    file.write_text(certificates_of("eu-west-1"))
    monkeypatch.setenv("PGSSLROOTCERT", str(file))
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(url)


def test_another_name_than_the_certificates_is_refused(
    url: str, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", str(certificates))
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        psycopg.connect(url, host="database.example.com", hostaddr="127.0.0.1")


def test_the_embedded_authority_stands_where_the_one_that_signs_stands_on_aws() -> None:
    text = certificates_of("ap-northeast-1")
    given = with_authority({CERTIFICATES_VARIABLE: text, "OTHER": text}, "ap-northeast-1")
    assert given["OTHER"] == text
    replaced = given[CERTIFICATES_VARIABLE]
    assert replaced != text
    assert replaced.count("BEGIN CERTIFICATE") == 3
    assert (
        replaced.partition("-----END")[2].partition("BEGIN")[2] == text.partition("-----END")[2].partition("BEGIN")[2]
    )


def test_a_bundle_of_another_region_is_left_as_it_is() -> None:
    text = certificates_of("eu-west-1")
    assert with_authority({CERTIFICATES_VARIABLE: text}, "ap-northeast-1") == {CERTIFICATES_VARIABLE: text}
    assert json.dumps(with_authority({}, "mars-north-1")) == "{}"
