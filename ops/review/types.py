"""Sets of resource types by the possible effects of a change; ``data/types.yaml`` describes each set."""

from typing import Final

from installation import yaml_text
from ops.review.data import DATA


class _Types(yaml_text.Data):
    stateful: frozenset[str]
    kept_by_products: frozenset[str]
    snapshots: frozenset[str]
    snapshot_by_default: frozenset[str]
    by_the_hour: frozenset[str]
    followed: frozenset[str]
    permissions: frozenset[str]


TYPES: Final = yaml_text.read(DATA / "types.yaml", _Types)
