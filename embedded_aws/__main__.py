"""Starts the embedded AWS in the foreground: ``python -m embedded_aws --port 4566 --state .hannibal``."""

import argparse
import sys
from pathlib import Path

from embedded_aws.core.context import ServerContext
from embedded_aws.core.errors import ServerError
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
    parser.add_argument("--auth", action="store_true", help="enforce IAM policies")
    parser.add_argument("--cloudtrail", action="store_true", help="record calls as CloudTrail events")
    options = parser.parse_args()
    context = ServerContext(
        port=options.port,
        edge_port=options.edge_port or options.port + 1,
        state_folder=options.state.resolve(),
        region=options.region,
        account=options.account,
        clock_factor=options.clock_factor,
    )
    try:
        serve(context, authorization=options.auth, recording=options.cloudtrail)
    except ServerError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(_UNUSABLE)


if __name__ == "__main__":
    main()
