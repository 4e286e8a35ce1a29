"""Clients of a test's own, as functions of the command take them."""

import os
from copy import copy
from types import SimpleNamespace
from typing import Any, cast

from installation.settings import Settings
from installation.settings.file import load_settings
from ops.aws.clients import Aws
from ops.aws.polling import Polling


def aws_of(*, settings: Settings | None = None, polling: Polling | None = None, **clients: Any) -> Aws:
    """Some clients, of the installation in ``config/dev.yaml`` where no other is named."""
    clients |= {"endpoint": None, "polling": polling or Polling(seconds=0.25)}
    clients["variables_of_child"] = {**os.environ, "AWS_PROFILE": "of-the-checks"}
    return given(SimpleNamespace(**clients), settings or load_settings("dev"))


def given(aws: Any, settings: Settings | None = None, *, polling: Polling | None = None) -> Aws:
    """The same clients with the settings of an installation of the test, which is polled as it says."""
    made = copy(aws)
    if settings is not None:
        made.settings, made.names, made.region = settings, settings.names, settings.region
    if polling is not None:
        made.polling = polling
    return cast("Aws", made)
