"""Entry point of the command `hannibal`, also as ``python -m ops``."""

import sys


def main() -> None:
    """Run the command. Ctrl-C ends it without a traceback, also while it is still being loaded."""
    try:
        from ops.cli.app import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)  # ExitCode.CANCELLED, which may not be loaded yet


if __name__ == "__main__":
    main()
