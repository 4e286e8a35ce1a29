"""The review's knowledge as data, and its reader."""

from pathlib import Path
from typing import Final

import yaml

DATA: Final = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML has it


def read_yaml(file: Path) -> object:
    """The content of a file of this package."""
    return yaml.load(file.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - both loaders are safe ones
