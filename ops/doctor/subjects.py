"""The guide's five troubles, the alarms, and the account."""

from enum import StrEnum


class Subject(StrEnum):
    """What the doctor can examine, in the order of the operations guide."""

    ECS = "ecs"
    RELEASE = "release"
    STACK = "stack"
    DATABASE = "database"
    EDGE = "edge"
    ALARMS = "alarms"
    ACCOUNT = "account"
