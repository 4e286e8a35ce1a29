"""The definition of an exercise: one file with a fault, an expectation, an end and a limit."""

from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from installation import operators_yaml
from installation.names import DATABASE_RESTARTS, TASK_STOPS
from ops.errors import UnusableInputError

FOLDER: Final = Path(__file__).parent / "data"
BAD_RELEASE: Final = "bad-release"
RESTORE_TRIED: Final = "restore-tried"
Fault = Literal[
    "task-stops", "bad-release", "database-storage-fills", "database-restarts", "zone-lost", "restore-tried"
]
BY_FIS: Final = (TASK_STOPS, DATABASE_RESTARTS)


class Expectation(BaseModel):
    """The expected results. Minutes are AWS's: the embedded AWS's clock may run faster."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alarms: tuple[str, ...] = ()
    """One of these must go into ALARM: names or their beginnings, without the project's name; none: no alarm may."""
    detected_within_minutes: float | None = Field(default=None, gt=0)
    """Minutes from the fault to the first of them."""
    recovered_within_minutes: float = Field(gt=0)
    """Minutes from the fault until all is healthy."""


class Exercise(BaseModel):
    """One exercise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=3)
    why: str = Field(min_length=10)
    """What it should show."""
    fault: Fault
    expect: Expectation
    end: Literal["recovered", "alarm"]
    """When a lasting fault is ended: when all is healthy despite it, or when its alarm has gone into ALARM."""
    watch_minutes: float = Field(default=0, ge=0)
    """Minutes for which alarms are watched after the recovery."""
    at_most_minutes: float = Field(gt=0, le=120)
    """Minutes after which the exercise is ended in any case."""


def names() -> tuple[str, ...]:
    """The exercises that come with the command."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.yaml")))


def load(name: str) -> Exercise:
    """Read an exercise by its name, or from a file of the caller's; UnusableInputError where there is no valid one."""
    file = Path(name) if name.endswith((".yaml", ".yml")) else FOLDER / f"{name}.yaml"
    if not file.exists():
        raise UnusableInputError(f"no exercise {name!r}", f"There is: {', '.join(names())}.")
    try:
        return Exercise.model_validate(operators_yaml.read(file))
    except operators_yaml.UnreadableError as error:
        raise UnusableInputError(f"{file} {error}") from error
    except ValidationError as error:
        raise UnusableInputError(f"{file} does not fit: {error}") from error
