"""The configuration that tests use, regardless of an installation's changes in ``config/``.

It is a copy of the repository's original one. Committed files of an installation follow its own: golden templates,
execution policies, costs.
"""

from pathlib import Path
from typing import Final

from installation.settings import file
from ops.cost import usage

FOLDER: Final = Path(__file__).parent / "config"


def use_given_configuration() -> None:
    """Make this configuration the default of this process."""
    file.load_settings.__defaults__ = file.environments.__defaults__ = (FOLDER,)
    usage.FOLDER = FOLDER / "usage"  # type: ignore[misc]  # a constant for all other code
