"""Resource types by what a change of them can come to; ``data/types.yaml`` says what each set is."""

from typing import Final

from pydantic import BaseModel, ConfigDict

from ops.review.data import DATA, read_yaml


class _Types(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    stateful: frozenset[str]
    kept_by_products: frozenset[str]
    snapshots: frozenset[str]
    snapshot_by_default: frozenset[str]
    by_the_hour: frozenset[str]
    followed: frozenset[str]
    permissions: frozenset[str]


TYPES: Final = _Types.model_validate(read_yaml(DATA / "types.yaml"))
