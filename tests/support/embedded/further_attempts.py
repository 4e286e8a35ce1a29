"""Further attempts of an attacker, one on each line of ``further_attempts.yaml``."""

from pathlib import Path

from installation import yaml_text
from tests.support.embedded.attacker import Way

_FILE = Path(__file__).with_suffix(".yaml")
FURTHER: list[Way] = [tuple(it) for it in yaml_text.parsed(_FILE.read_text(encoding="utf-8"))]
