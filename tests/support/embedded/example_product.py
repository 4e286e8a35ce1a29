"""The example product (examples/product), as set up by `make test`."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any
from urllib.request import urlopen

from tests.conftest import ROOT
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import LIMIT_SECONDS, wait_for

FOLDER = ROOT / "examples" / "product"


def npm(*arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Run npm in the product's folder and return what it printed.

    Raises:
        AssertionError: it failed; the message has all its output.
    """
    program = shutil.which("npm")
    assert program is not None
    assert (FOLDER / "node_modules").is_dir(), "run `make example` first; `make test` does"
    kept = {name: value for name, value in os.environ.items() if name not in {"NODE_ENV", "DATABASE_URL"}}
    done = subprocess.run(
        [program, "--silent", *arguments],
        cwd=FOLDER,
        env={**kept, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def new_database(server: EmbeddedAws, name: str) -> str:
    """Create a database and return its URL, which requires verification of its certificate."""
    rds: Any = server.session().client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        EngineVersion="18.3",
        AllocatedStorage=20,
        MasterUsername="hannibal",
        MasterUserPassword="correct-horse-1",
    )

    def described() -> Any:
        return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]

    wait_for(lambda: described()["DBInstanceStatus"] == "available")
    endpoint = described()["Endpoint"]
    return (
        f"postgresql://hannibal:correct-horse-1@{endpoint['Address']}:{endpoint['Port']}/postgres?sslmode=verify-full"
    )


def authority(server: EmbeddedAws) -> str:
    """The certificate, in PEM, of the authority that signs the databases' certificates."""
    with urlopen(f"{server.endpoint}/_ministack/rds/ca.pem", timeout=LIMIT_SECONDS) as answer:  # noqa: S310 - loopback
        text: str = answer.read().decode()
    return text
