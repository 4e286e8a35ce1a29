"""Runs the blocks of a document like a reader: each in a new shell, in a checkout, with an embedded AWS."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installation.settings import Settings
from tests.conftest import ROOT
from tests.support import given_configuration
from tests.support.documents.blocks import Block
from tests.support.embedded.server import EmbeddedAws
from tests.support.python_program import write_python_program
from tests.support.waiting import LIMIT_SECONDS, wait_for

_SECONDS = LIMIT_SECONDS
# The installed command, with logs, outputs, configuration and the embedded AWS's state in the test's own checkout.
_PRELUDE = """from pathlib import Path
import installation.settings.file as file
import ops.local.server_options
import ops.stacks.checkout
ops.stacks.checkout._ROOT = Path({root!r})
ops.local.server_options.USUAL_FOLDER = ops.stacks.checkout._ROOT / ".hannibal"
file.load_settings.__defaults__ = file.environments.__defaults__ = (ops.stacks.checkout._ROOT / "config",)
"""
_COMMAND = """{prelude}from ops.cli.app import run
run()
"""
_CHECKOUT = (
    *(
        "app.py",
        "cdk.json",
        "constructs_lib",
        "docs",
        "embedded_aws",
        "installation",
        "node_modules",
        "ops",
        "package.json",
    ),
    "stacks",
)


@dataclass(frozen=True, kw_only=True)
class Runner:
    """A reader's machine: a checkout, and an embedded AWS.

    Attributes:
        server: the embedded AWS.
        folder: the folder with the checkout and the command ``hannibal``.
        assembly: the synthesized application, so that no block waits for a synthesis.
        settings: those of the installation.
    """

    server: EmbeddedAws
    folder: Path
    assembly: Path
    settings: Settings

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    @property
    def program(self) -> Path:
        """The file of the command that a shell finds."""
        return self.folder / "bin" / "hannibal"

    @property
    def prelude(self) -> str:
        """Python code that puts logs, outputs and state into the checkout."""
        return _PRELUDE.format(root=str(self.checkout))

    def prepare(self) -> None:
        """Make the checkout and the command."""
        self.checkout.mkdir()
        for name in _CHECKOUT:
            (self.checkout / name).symlink_to(ROOT / name)
        (self.checkout / "config").symlink_to(given_configuration.FOLDER)
        (self.checkout / "cdk.out").symlink_to(self.assembly)
        self.program.parent.mkdir()
        write_python_program(self.program, _COMMAND.format(prelude=self.prelude))

    def client(self, service: str) -> Any:
        new_client: Any = self.server.session().client  # any service, by its name
        return new_client(service)

    def run(self, block: Block) -> str:
        """Run a block and return what it printed.

        Raises:
            AssertionError: it ended with an error; the message has all its output.
        """
        return self.query(block.text) if block.language == "sql" else self.shell(block.text)

    def shell(self, text: str, *, seconds: float = _SECONDS) -> str:
        """Run commands until the first one fails.

        Args:
            text: the commands.
            seconds: how long they may take.
        """
        environment = self.server.environment
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.checkout,
            # The CDK reads its options from the environment as well: CDK_APP is --app.
            env=environment
            | {
                "AWS_PAGER": "",
                "CDK_APP": str(self.assembly),
                "COLUMNS": "100",
                "HANNIBAL_ASSEMBLY": str(self.assembly),
                "PATH": os.pathsep.join((str(self.folder / "bin"), environment["PATH"])),
                "PYTHONPATH": str(ROOT),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"exit code {done.returncode}\n{text}\n{done.stdout}"
        assert "Traceback" not in done.stdout
        return done.stdout

    def query(self, sql: str) -> str:
        """Run a query in the document's workgroup and database, and return its result as text."""
        athena, names = self.client("athena"), self.settings.names
        query = athena.start_query_execution(
            QueryString=sql,
            WorkGroup=names.audit_workgroup,
            QueryExecutionContext={"Database": names.audit_database},
        )["QueryExecutionId"]

        def ended() -> Any:
            status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            return None if status["State"] in {"QUEUED", "RUNNING"} else status

        status = wait_for(ended, sql)
        assert status["State"] == "SUCCEEDED", f"{status}\n{sql}"
        rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return "\n".join("\t".join(cell.get("VarCharValue", "") for cell in row["Data"]) for row in rows)
