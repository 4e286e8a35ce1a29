"""Clients of a test, in the form that functions of the command take."""

import os
from copy import copy
from types import SimpleNamespace
from typing import Any, cast

from installation.settings import Settings
from installation.settings.file import load_settings
from ops.aws.clients import Aws
from ops.aws.polling import Polling


def aws_of(*, settings: Settings | None = None, polling: Polling | None = None, **clients: Any) -> Aws:
    """The given clients, with the settings of ``config/dev.yaml`` unless others are given."""
    clients |= {"endpoint": None, "polling": polling or Polling(seconds=0.25)}
    clients["variables_of_child"] = {**os.environ, "AWS_PROFILE": "of-the-checks"}
    return given(SimpleNamespace(**clients), settings or load_settings("dev"))


def given(aws: Any, settings: Settings | None = None, *, polling: Polling | None = None) -> Aws:
    """The same clients with a test's settings and poll intervals."""
    made = copy(aws)
    if settings is not None:
        made.settings, made.names, made.region = settings, settings.names, settings.region
    if polling is not None:
        made.polling = polling
    return cast("Aws", made)
