"""The review's knowledge as data, and its reader."""

from pathlib import Path
from typing import Final

from installation import yaml_text

DATA: Final = Path(__file__).parent


def read_yaml(file: Path) -> object:
    """The content of a file of this package."""
    return yaml_text.parsed(file.read_text(encoding="utf-8"))
