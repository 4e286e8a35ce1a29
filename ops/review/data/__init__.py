"""The review's knowledge as data; each file describes its content."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from installation import yaml_text

DATA: Final = Path(__file__).parent


class _Types(yaml_text.Data):
    stateful: frozenset[str]
    kept_by_products: frozenset[str]
    snapshots: frozenset[str]
    snapshot_by_default: frozenset[str]
    by_the_hour: frozenset[str]
    followed: frozenset[str]
    permissions: frozenset[str]
    one_for: Mapping[str, tuple[str, ...]]
    makes: Mapping[str, str]
    needed_first: Mapping[str, tuple[str, ...]]


TYPES: Final = yaml_text.read(DATA / "types.yaml", _Types)
