"""Compiles the CDK once for all programs that use it: ``python -m tools.compile_cdk``.

cdk.json runs app.py with ``-O``, for which Python keeps separate compiled files. Compiling the CDK again without it
takes seven seconds, and would only enable its type checks at each call. mypy checks these types already, and the CDK's
part in Node refuses what does not match.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

_OPTIMIZED: Final = ".opt-1.pyc"


def main() -> None:
    """Compile what app.py imports, and let Python without ``-O`` use the same files."""
    # If the CDK does not start, the commands that use it report the reason.
    subprocess.run([sys.executable, "-O", "-c", "import app"], check=False, stderr=subprocess.DEVNULL)
    for package in (Path(folder) / "aws_cdk" for folder in sys.path):
        for file in package.rglob(f"*{_OPTIMIZED}"):
            plain = file.with_name(file.name.removesuffix(_OPTIMIZED) + ".pyc")
            plain.unlink(missing_ok=True)
            plain.hardlink_to(file)


if __name__ == "__main__":
    main()
