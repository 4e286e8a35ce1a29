"""Whether a change makes CloudFormation put a new resource in the place of the old one."""

from enum import IntEnum


class Replacement(IntEnum):
    """Whether a change makes CloudFormation put a new resource in the place of the old one."""

    NO = 0
    MAY = 1
    WILL = 2
