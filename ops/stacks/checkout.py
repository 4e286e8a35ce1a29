"""Paths in the repository: the CDK application, its tools, and the folder for logs of runs."""

from dataclasses import dataclass
from pathlib import Path

from ops.errors import UnusableInputError

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """A checkout of this repository."""

    root: Path  # the folder with ``cdk.json``

    @property
    def cdk(self) -> Path:
        """The CDK command line that ``package.json`` pins, which ``npx cdk`` runs."""
        return self.root / "node_modules" / ".bin" / "cdk"

    @property
    def toolkit_template(self) -> Path:
        """The bootstrap template of the CDK that this checkout pins."""
        return self.root / "node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml"

    @property
    def logs(self) -> Path:
        """Logs of long commands; git ignores the folder."""
        return self.root / ".hannibal" / "logs"

    def require_tools(self) -> None:
        """Check that the CDK can run here; UnusableInputError without a checkout, or before its tools are installed."""
        if not (self.root / "cdk.json").is_file():
            raise UnusableInputError(
                f"{self.root} is not a checkout of this repository: it has no cdk.json",
                "Install with `pip install -e .` inside a clone, so that the command finds the application.",
            )
        if not self.cdk.exists():
            raise UnusableInputError(
                f"the CDK command line is not installed in {self.root}",
                "Run `npm ci` there (or `make up`, which does all of the set-up).",
            )


def this_checkout() -> Checkout:
    """The checkout that this command was installed from."""
    return Checkout(root=_ROOT)
