"""Refuses an object that the disk cannot store: the emulator would accept it, and lose it when it ends."""

import logging
import sys

from embedded_aws.s3 import emulator


def install() -> None:
    """Pass on the error, for which the emulator only logs a warning."""
    emulator.logger.addFilter(_raise)


def _raise(record: logging.LogRecord) -> bool:
    error = sys.exception()
    if error is not None and str(record.msg).startswith("Failed to persist"):
        raise error
    return True
