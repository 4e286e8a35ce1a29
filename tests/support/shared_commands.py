"""What typer makes of an application, made once for a process: for ``hannibal`` it takes 0.05 seconds each time."""

from functools import cache

from typer import main, testing


def share_commands() -> None:
    """Have all runs of one application in this process use the same commands, which keep nothing of a run."""
    # Functions of modules that mypy takes for constants.
    main.get_command = testing._get_command = cache(main.get_command)  # type: ignore[attr-defined]
