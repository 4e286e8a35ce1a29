"""How IAM compares: ``*`` stands for any text and ``?`` for one character, and nothing else does.

In Python's ``fnmatch`` brackets are sets; IAM has none (IAM user guide, "IAM JSON policy elements: Resource" and
"Condition operators"). The case of actions does not matter, that of ARNs and of values does.
"""

import re
from collections.abc import Callable
from functools import lru_cache


def like(text: str, pattern: str) -> bool:
    """Whether a pattern covers an ARN or a value."""
    return _compiled(pattern, 0)(text) is not None


def like_action(action: str, pattern: str) -> bool:
    """Whether a pattern covers an action."""
    return _compiled(pattern, re.IGNORECASE)(action) is not None


@lru_cache(maxsize=32_768)  # as fnmatch: a large application has thousands of patterns
def _compiled(pattern: str, flags: int) -> Callable[[str], re.Match[str] | None]:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.compile("".join(parts), flags | re.DOTALL).fullmatch
