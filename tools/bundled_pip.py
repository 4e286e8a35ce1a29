"""Prints the path of Python's bundled pip, as a program to run: ``python3 -m tools.bundled_pip``."""

import ensurepip
import sysconfig
from pathlib import Path


def main() -> None:
    """Print the path. Debian keeps wheels in another folder, which its configuration names."""
    folder = sysconfig.get_config_var("WHEEL_PKG_DIR") or Path(ensurepip.__file__).with_name("_bundled")
    (wheel,) = Path(folder).glob("pip-*.whl")
    print(wheel / "pip")


if __name__ == "__main__":
    main()
