"""``make pictures``: generate the architecture's pictures from the templates."""

import sys

from ops.errors import OpsError
from ops.stacks.checkout import this_checkout
from tools.pictures.all_pictures import write_all


def main() -> None:
    """Write the pictures, and print which of them changed."""
    try:
        changed = write_all(this_checkout())
    except OpsError as error:
        sys.exit("\n".join([f"error: {error.problem}", *error.advice]))
    for file in changed:
        sys.stdout.write(f"{file.relative_to(this_checkout().root)}\n")


if __name__ == "__main__":
    main()
