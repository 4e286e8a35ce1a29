"""What each task of the operations guide needs: a role is a list of tasks, which ``tasks.yaml`` describes."""

from typing import Final

from installation.permissions.statements import read_statements

KNOWS_NO_RESOURCE: Final = "Service authorization reference: these actions know no resource."
TASKS: Final = read_statements("tasks.yaml")
