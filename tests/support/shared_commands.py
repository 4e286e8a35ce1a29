"""Creates typer's commands of an application once for a process: for ``hannibal``, each time takes 0.05 seconds."""

from functools import cache

from typer import main, testing


def share_commands() -> None:
    """Make all runs of an application in this process share its commands, which keep no state of a run."""
    # For mypy, functions of modules are constants.
    main.get_command = testing._get_command = cache(main.get_command)  # type: ignore[attr-defined]
