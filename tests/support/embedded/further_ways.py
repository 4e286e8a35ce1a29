"""Further attempts of an attacker, one on each line of ``further_ways.yaml``."""

from pathlib import Path

import yaml

from tests.support.embedded.attacker import Way

_FILE = Path(__file__).with_suffix(".yaml")
FURTHER: list[Way] = [tuple(it) for it in yaml.safe_load(_FILE.read_text(encoding="utf-8"))]
