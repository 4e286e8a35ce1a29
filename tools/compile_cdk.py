"""Compiles the CDK once, for all that start it: ``python -m tools.compile_cdk``.

cdk.json has app.py run with ``-O``, for which Python keeps compiled files of its own. To compile the CDK again without
it takes seven seconds, and would only bring back the types that it checks at each call: mypy knows them, and the CDK's
other half, in Node, refuses what does not fit.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

_OPTIMIZED: Final = ".opt-1.pyc"


def main() -> None:
    """Compile what app.py imports, and let Python without ``-O`` find the same files."""
    # Where the CDK does not start, whoever uses it is told why.
    subprocess.run([sys.executable, "-O", "-c", "import app"], check=False, stderr=subprocess.DEVNULL)
    for package in (Path(folder) / "aws_cdk" for folder in sys.path):
        for file in package.rglob(f"*{_OPTIMIZED}"):
            plain = file.with_name(file.name.removesuffix(_OPTIMIZED) + ".pyc")
            plain.unlink(missing_ok=True)
            plain.hardlink_to(file)


if __name__ == "__main__":
    main()
