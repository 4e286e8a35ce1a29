"""Git's variables, where a command runs in one of its hooks."""

import os
from typing import Final

_OF_A_HOOK: Final = ("GIT_COMMON_DIR", "GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE")


def outside_of_hooks() -> dict[str, str]:
    """The shell's variables without those by which git tells a hook its repository and its index ("githooks").

    With them, git would answer about that repository in each folder, and a new work tree would overwrite the index of
    the commit that is being made.
    """
    return {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
