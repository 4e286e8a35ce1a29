"""An object that the disk does not take is refused: the emulator would say that it has it, and forget it at its end."""

import logging
import sys

from embedded_aws.s3 import emulator


def install() -> None:
    """Let the error pass that the emulator only warns of."""
    emulator.logger.addFilter(_raise)


def _raise(record: logging.LogRecord) -> bool:
    error = sys.exception()
    if error is not None and str(record.msg).startswith("Failed to persist"):
        raise error
    return True
