"""The options with which the embedded AWS is started."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final

USUAL_FOLDER: Final = Path(__file__).resolve().parents[2] / ".hannibal"  # state of a command without ``--state``


@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """The options of `hannibal local up`."""

    region: str  # region of the installation
    port: int | None = None  # its port on 127.0.0.1; None for the running server's, or the default
    edge_port: int | None = None  # CloudFront's port; None for the port after the other one
    clock_factor: float = 1.0  # emulated seconds per real second, where services wait
    typical_durations: bool = False  # whether CloudFormation takes as long as on AWS, by the emulated clock
    authorization: bool = False  # whether IAM policies are enforced
    recording: bool = False  # whether calls are recorded as CloudTrail events
    containers: str = "none"  # ``any`` for the engine that is found, or the name of a required engine

    def arguments(self, folder: Path, port: int) -> tuple[str, ...]:
        """The arguments of the server's own command line."""
        values = {"port": port, "state": folder, "region": self.region, "clock-factor": self.clock_factor}
        values |= {"containers": self.containers} | ({"edge-port": self.edge_port} if self.edge_port else {})
        return (*(f"--{option}={value}" for option, value in values.items()), *self._switches)

    @property
    def _switches(self) -> tuple[str, ...]:
        wanted = {"auth": self.authorization, "cloudtrail": self.recording, "typical-durations": self.typical_durations}
        return tuple(f"--{option}" for option, on in wanted.items() if on)

    @property
    def kept(self) -> tuple[str, ...]:
        """The options that cannot change while a server runs, in the form of `hannibal local up`."""
        return (() if self.clock_factor == 1.0 else (f"--clock-factor {self.clock_factor:g}",)) + self._switches


def state_option(folder: Path) -> str:
    """The option that names a folder in advice; empty for the usual one."""
    return "" if folder == USUAL_FOLDER else f" --state {shlex.quote(str(folder))}"
