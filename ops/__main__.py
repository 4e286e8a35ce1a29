"""Entry point of the command `hannibal`, also as ``python -m ops``."""

from ops.cli.app import run


def main() -> None:
    """Run the command."""
    run()


if __name__ == "__main__":
    main()
