"""Starts the embedded AWS in the foreground: ``python -m embedded_aws --port 4566 --state .hannibal``."""

import argparse
import os
import sys
from pathlib import Path
from typing import Literal

from embedded_aws.containers.engine import NAMES, EngineError, Name, find_any_engine, find_engine
from embedded_aws.core.context import Containers, ServerContext, ServerError
from embedded_aws.server import serve

_UNUSABLE = 2


def main() -> None:
    """Read the command line and serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m embedded_aws", description="Serve AWS on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--edge-port", type=int, help="of CloudFront; the one after --port by default")
    parser.add_argument("--state", type=Path, default=Path(".hannibal"), help="folder that keeps everything")
    parser.add_argument("--region", default="ap-northeast-1")
    parser.add_argument("--account", default="000000000000")
    parser.add_argument("--clock-factor", type=float, default=1.0, help="emulated seconds for each real one")
    parser.add_argument(
        "--typical-durations", action="store_true", help="let each resource take its typical time on AWS, by that clock"
    )
    parser.add_argument("--auth", action="store_true", help="enforce IAM policies and verify signatures")
    parser.add_argument("--cloudtrail", action="store_true", help="record calls as CloudTrail events")
    parser.add_argument(
        "--containers",
        choices=("none", "any", *NAMES),
        default="none",
        help="engine that runs the tasks' containers; without one, sample services stand for them",
    )
    options = parser.parse_args()
    try:
        _serve(options)
    except ServerError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(_UNUSABLE)


def _serve(options: argparse.Namespace) -> None:
    context = ServerContext(
        port=options.port,
        edge_port=options.edge_port or options.port + 1,
        state_folder=options.state.resolve(),
        region=options.region,
        account=options.account,
        clock_factor=options.clock_factor,
        typical_durations=options.typical_durations,
        containers=_containers(options.containers),
    )
    serve(context, authorization=options.auth, recording=options.cloudtrail)


def _containers(choice: Literal["none", "any"] | Name) -> Containers:
    """Find the engine in the process's original environment. Raises ServerError: the named engine cannot be used."""
    if choice == "none":
        return Containers()
    try:
        engine = find_any_engine(os.environ) if choice == "any" else find_engine(choice, os.environ)
    except EngineError as error:
        if choice == "any":
            return Containers(reason=str(error))
        raise ServerError(str(error)) from error
    return Containers(engine=engine, required=choice != "any")


if __name__ == "__main__":
    main()
