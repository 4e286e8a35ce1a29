"""The review's knowledge as data."""

from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).parent
