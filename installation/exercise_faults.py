"""The faults of exercises that AWS's Fault Injection Service (FIS) carries out."""

from typing import Final

TASK_STOPS: Final = "task-stops"
DATABASE_RESTARTS: Final = "database-restarts"
# Outputs of ComputeStack with the ids of FIS's templates.
EXERCISE_OUTPUTS: Final = {TASK_STOPS: "TaskStopsExercise", DATABASE_RESTARTS: "DatabaseRestartsExercise"}
