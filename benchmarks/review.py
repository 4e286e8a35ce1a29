"""Speed of a review: of all stacks, many new resources, a large template, and chains of replacements.

``python -m benchmarks.review [FOLDER]``: FOLDER is a synthesized application (``cdk.out``). Each review is a separate
run of the command, with CDK's diff and cfn-lint. Limits are on processor time, including child processes, because other
processes have less influence on it than on elapsed time. On a quiet machine with two cores, a review takes little more
than half of it. Exit code 1 if a limit is missed, 2 if FOLDER cannot be used.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.errors import ExitCode

ROOT = Path(__file__).resolve().parent.parent
STACK = "GuardrailStack"
_SERVICE = "delivery.logs.amazonaws.com"
Resources = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A change to review."""

    name: str  # name of the change
    processor_seconds: float  # the limit in seconds of processor time
    before: Resources  # resources added to the template before the change
    after: Resources  # resources added to the template after it


def parameters(number: int, value: str) -> Resources:
    """Resources that take a review the least time."""
    return {
        f"Made{it}": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": f"/{it}", "Type": "String", "Value": value}}
        for it in range(number)
    }


def roles(number: int) -> Resources:
    """Roles, each with a trust policy and its own, different inline policy."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": _SERVICE}}
    return {
        f"Made{it}": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                "Policies": [
                    {
                        "PolicyName": "p",
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [
                                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::b{it}/*"}
                            ],
                        },
                    }
                ],
            },
        }
        for it in range(number)
    }


def chain(number: int, description: str) -> Resources:
    """Security groups, each with the previous one in a property that requires replacement."""
    found: Resources = {}
    for it in range(number):
        text: Any = {"Fn::Sub": f"from ${{Made{it - 1}}}"} if it else description
        found[f"Made{it}"] = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": text, "VpcId": "v"}}
    return found


def large(value: str) -> Resources:
    """About 5 MB of resources."""
    return parameters(1_200, value * 4_000)


def cases() -> Iterator[Case]:
    """The changes, with the limits of two cores."""
    yield Case(name="all stacks, one value", processor_seconds=4, before=parameters(1, "a"), after=parameters(1, "b"))
    yield Case(name="500 new resources", processor_seconds=8, before={}, after=parameters(500, "a"))
    yield Case(name="5 MB, everything changed", processor_seconds=8, before=large("x"), after=large("y"))
    yield Case(name="450 new roles", processor_seconds=8, before={}, after=roles(450))
    yield Case(name="900 new roles", processor_seconds=12, before={}, after=roles(900))
    for number in (50, 100, 200):
        yield Case(
            name=f"a chain of {number} that are replaced",
            processor_seconds=8,
            before=chain(number, "a"),
            after=chain(number, "b"),
        )


def write_copy(source: Path, folder: Path, made: Resources) -> Path:
    """A copy of the application with more resources."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("asset.*"))
    file = folder / f"{STACK}.template.json"
    template = json.loads(file.read_text(encoding="utf-8"))
    template["Resources"] |= made
    file.write_text(json.dumps(template), encoding="utf-8")
    return folder


def measure_review(base: Path, head: Path) -> tuple[float, float]:
    """Run the command; its elapsed time and its processor time, with that of its child processes, in seconds.

    Raises RuntimeError: its exit code is not one of a verdict.
    """
    command = [sys.executable, "-m", "ops", "review", "--base", str(base), "--head", str(head)]
    start, before = time.perf_counter(), os.times()
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    if finished.returncode not in (ExitCode.DONE, ExitCode.FAILED):
        raise RuntimeError(finished.stderr)
    after = os.times()
    spent = after.children_user - before.children_user + after.children_system - before.children_system
    return time.perf_counter() - start, spent


def main() -> None:
    """Print a line for each change; exit 1 if one misses its limit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("source", metavar="FOLDER", nargs="?", type=Path, default=ROOT / "cdk.out")
    source: Path = parser.parse_args().source
    if not (source / f"{STACK}.template.json").is_file():
        parser.error(f"{source} is no synthesized application: run `npx cdk synth --quiet`")
    missed = False
    with tempfile.TemporaryDirectory() as name:
        for number, case in enumerate(cases()):
            base = write_copy(source, Path(name) / f"{number}-base", case.before)
            head = write_copy(source, Path(name) / f"{number}-head", case.after)
            seconds, processor = measure_review(base, head)
            missed |= processor > case.processor_seconds
            sys.stdout.write(
                f"{case.name}: {processor:.1f} s of processors (at most {case.processor_seconds:g}), "
                f"{seconds:.1f} s on the clock\n"
            )
            sys.stdout.flush()
    sys.exit(missed)


if __name__ == "__main__":
    main()
