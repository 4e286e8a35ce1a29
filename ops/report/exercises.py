"""The month's exercises, by their records."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from ops.errors import UnusableInputError
from ops.report.period import Period


class PastExercise(BaseModel):
    """The part of a record that the page shows; `ops.report.exercise_record` writes more."""

    model_config = ConfigDict(frozen=True)

    exercise: str  # its name, such as ``task-dies``
    environment: str
    account: str
    began: AwareDatetime  # when the fault was caused
    met: bool  # whether everything happened as expected
    detected_by: str  # the first alarm; empty if there was none
    detected_seconds: float | None
    recovered_seconds: float | None  # None where it did not recover in time
    objections: tuple[str, ...]  # expectations that were not met


def read_exercises(folder: Path, environment: str, account: str, period: Period) -> tuple[PastExercise, ...]:
    """The exercises of a month, in the order of time; none if the folder does not exist.

    Raises:
        UnusableInputError: a file in the folder is no record.
    """
    exercises = [
        it for it in _records(folder) if (it.environment, it.account) == (environment, account) and it.began in period
    ]
    return tuple(sorted(exercises, key=lambda it: it.began))


def _records(folder: Path) -> Iterator[PastExercise]:
    for file in sorted(folder.glob("*.json")):
        try:
            yield PastExercise.model_validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise UnusableInputError(f"{file} is no record of an exercise: {str(error).splitlines()[0]}") from error
