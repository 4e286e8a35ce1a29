"""``python -m tests.support.embedded.killing_command --kills 200 --seed 1``: kills the embedded AWS, checks for losses.

It prints each kill, and ends with an error at the first loss. ``--small`` uses a small stack instead of the system's
own; ``--minutes`` ends it early.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.embedded.killing import Killing, LostError
from tests.support.embedded.kills import Kills
from tests.support.embedded.month_kills import MonthKills, month_server
from tests.support.embedded.server import EmbeddedAws


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="end after so many, with fewer kills")
    parser.add_argument("--small", action="store_true", help="a small stack instead of the system's own")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        folder = Path(name)
        kills = _small(folder, options.seed) if options.small else _month(folder, options.seed)
        began = time.monotonic()
        try:
            kills.run(options.kills, seconds=options.minutes * 60)
        except LostError as error:
            subprocess.run(["tail", "-n", "30", str(kills.server.log_file)], check=False)
            sys.exit(str(error))
        finally:
            kills.server.close()
        minutes = (time.monotonic() - began) / 60
        print(f"{kills.told()} in {minutes:.0f} minutes: nothing lost")


def _small(folder: Path, seed: int) -> Killing:
    return Kills(EmbeddedAws(folder), seed)


def _month(folder: Path, seed: int) -> Killing:
    # Imported here, because each forked server imports this module again, and the CDK would start a Node process in
    # each.
    from app import build
    from installation.settings.file import load_settings
    from tests.conftest import new_app

    assembly = folder / "assembly"
    app = new_app(assembly)
    build(app, load_settings("dev"))
    app.synth()
    return MonthKills(month_server(folder), assembly, seed)


if __name__ == "__main__":
    main()
