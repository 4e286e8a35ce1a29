"""The names of the policies that AWS manages; the emulator has the documents of some."""

from functools import cache
from pathlib import Path
from typing import Final

_LIST: Final = Path(__file__).with_name("managed_policies.txt")
_PREFIX: Final = "arn:aws:iam::aws:policy/"


def exists(arn: str) -> bool:
    """Whether AWS has such a policy of its own."""
    return arn.startswith(_PREFIX) and arn.removeprefix(_PREFIX) in _names()


@cache
def _names() -> frozenset[str]:
    return frozenset(line for line in _LIST.read_text().splitlines() if not line.startswith("#"))
