"""The month's exercises, by the records that they have left."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from ops.errors import UnusableInputError
from ops.report.period import Period


class PastExercise(BaseModel):
    """What the page says of a record; `ops.report.exercise_record` writes more."""

    model_config = ConfigDict(frozen=True)

    exercise: str  # which one, such as ``task-dies``
    environment: str
    account: str
    began: AwareDatetime  # when the fault was set off
    met: bool  # whether all happened as expected
    detected_by: str  # the alarm that sounded first; empty where none did
    detected_seconds: float | None
    recovered_seconds: float | None  # None where it did not recover in time
    objections: tuple[str, ...]  # what was expected and did not happen


def read_exercises(folder: Path, environment: str, account: str, period: Period) -> tuple[PastExercise, ...]:
    """Those of a month, in the order in which they were held; none where the folder is not there.

    Raises:
        UnusableInputError: a file there is no record.
    """
    held = [
        it for it in _records(folder) if (it.environment, it.account) == (environment, account) and it.began in period
    ]
    return tuple(sorted(held, key=lambda it: it.began))


def _records(folder: Path) -> Iterator[PastExercise]:
    for file in sorted(folder.glob("*.json")):
        try:
            yield PastExercise.model_validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise UnusableInputError(f"{file} is no record of an exercise: {str(error).splitlines()[0]}") from error
