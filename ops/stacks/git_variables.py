"""Git's variables, where a command runs in one of its hooks."""

import os
from typing import Final

# Those of `git rev-parse --local-env-vars` that name a repository's folders and files, and one of hooks of a push.
_REPOSITORY: Final = (
    *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_INDEX_FILE"),
    *("GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GIT_SHALLOW_FILE", "GIT_WORK_TREE"),
)


def variables_without_repository() -> dict[str, str]:
    """The shell's variables without those by which git tells a hook its repository and its index ("githooks").

    With them, git would answer about that repository in each folder, and a new work tree would overwrite the index of
    the commit that is being made. A repository that a person has exported does not count either: the folder does.
    """
    return {name: value for name, value in os.environ.items() if name not in _REPOSITORY}
