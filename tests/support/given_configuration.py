"""The configuration that tests are about, whatever an installation writes into ``config/``.

It is a copy of what the repository comes with. What is committed of an installation follows its own: golden templates,
execution policies, what it costs.
"""

from pathlib import Path
from typing import Final

from installation.settings import file
from ops.cost import usage

FOLDER: Final = Path(__file__).parent / "config"


def use_given_configuration() -> None:
    """Have this process read it where no other folder is named."""
    file.load_settings.__defaults__ = file.environments.__defaults__ = (FOLDER,)
    usage.FOLDER = FOLDER / "usage"  # type: ignore[misc]  # a constant for all others
