"""Repositories of tests, whatever the configuration of the user who runs them."""

import subprocess
from pathlib import Path

_OPTIONS = ("user.name=Test", "user.email=test@example.com", "commit.gpgsign=false", "core.hooksPath=/dev/null")


def git(root: Path, *arguments: str) -> str:
    """Run git in a folder; without the signatures and hooks that a user may have for all repositories."""
    options = [word for option in _OPTIONS for word in ("-c", option)]
    done = subprocess.run(["git", *options, *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()
