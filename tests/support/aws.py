"""Clients of a test, in the form that functions of the command take."""

import os
from copy import copy
from types import SimpleNamespace
from typing import Any, Final, cast

from botocore.client import BaseClient

from installation.settings import Settings
from installation.settings.file import load_settings
from ops.aws.clients import Aws, _Client
from ops.aws.polling import Polling
from tests.support.boto_model import ModelledClient

_SERVICES: Final = {name: client._service for name, client in vars(Aws).items() if isinstance(client, _Client)}


class _Clients(SimpleNamespace):
    """Clients by their names in ``Aws``, whose calls and answers are checked unless they are boto3's own."""

    def __init__(self, **clients: Any) -> None:
        for name, client in clients.items():
            setattr(self, name, client)

    def __setattr__(self, name: str, client: Any) -> None:
        if name in _SERVICES and client is not None and not isinstance(client, (ModelledClient, BaseClient)):
            client = ModelledClient(_SERVICES[name], client)
        super().__setattr__(name, client)


def aws_of(*, settings: Settings | None = None, polling: Polling | None = None, **clients: Any) -> Aws:
    """The given clients, with the settings of ``config/dev.yaml`` unless others are given."""
    clients |= {"endpoint": None, "polling": polling or Polling(seconds=0.25)}
    clients["variables_of_child"] = {**os.environ, "AWS_PROFILE": "of-the-checks"}
    return given(_Clients(**clients), settings or load_settings("dev"))


def given(aws: Any, settings: Settings | None = None, *, polling: Polling | None = None) -> Aws:
    """The same clients with a test's settings and poll intervals."""
    made = _Clients(**vars(aws)) if isinstance(aws, SimpleNamespace) else copy(aws)
    if settings is not None:
        made.settings, made.names, made.region = settings, settings.names, settings.region
    if polling is not None:
        made.polling = polling
    return cast("Aws", made)
