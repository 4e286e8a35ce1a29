"""Reads the policies of a role from files."""

import json
from collections.abc import Sequence
from pathlib import Path

from ops.iam.review.policies import Policies, Policy, PolicyError, parse


def read_policies(files: Sequence[Path], boundary: Path | None) -> Policies:
    """Read policies; files that cannot be read are reported and left out."""
    problems: list[str] = []
    identity = tuple(policy for file in files if (policy := _read_policy(file, problems)))
    limit = _read_policy(boundary, problems) if boundary else None
    return Policies(
        source=", ".join(str(file) for file in (*files, *([boundary] if boundary else []))),
        identity=identity,
        # A boundary that cannot be read limits nothing: the review then shows too much granted rather than too little.
        boundary=limit,
        problems=tuple(problems),
        known=bool(identity),
    )


def _read_policy(file: Path, problems: list[str]) -> Policy | None:
    try:
        return parse(json.loads(file.read_text(encoding="utf-8")), str(file))
    except OSError as error:
        problems.append(f"{file}: it cannot be read: {error.strerror}")
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        problems.append(f"{file}: it is no JSON: {error}")
    except RecursionError:
        problems.append(f"{file}: it is nested too deeply")
    except PolicyError as error:
        problems.append(f"{file}: it is no policy: {error}")
    return None
