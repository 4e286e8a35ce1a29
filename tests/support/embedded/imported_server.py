"""Imports the whole embedded AWS for ``forked_server``, when this module is imported, which takes three seconds.

The emulator reads its settings from the environment at import, so it is imported with placeholders for settings that
differ between servers. ``adapt`` replaces them by the real settings in a forked process.
``tests/embedded/test_forked_server.py`` compares the result with a server that imports by itself.
"""

import gc
import importlib
import itertools
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final
from unittest.mock import patch

from embedded_aws import server
from embedded_aws.core import models
from embedded_aws.core.context import ServerContext

# Not a valid port: the emulator converts it to a text, which appears nowhere else.
_PORT: Final = 9876543210123456789
_STATE_FOLDER: Final = Path(tempfile.gettempdir()).resolve() / f"imported-server-{os.getpid()}"
# Modules that ``embedded_aws.server`` imports when it starts to serve.
_IMPORTED: Final = (
    "cryptography.x509",
    "hypercorn.asyncio",
    "hypercorn.config",
    "ministack.app",
    "embedded_aws.__main__",
    "embedded_aws.core.durable_answers",
    "embedded_aws.core.state",
    "embedded_aws.extensions",
)
# Services that most tests call: emulator and extensions read their models before the fork, once for all servers.
_ASKED: Final = (
    *(
        "cloudformation",
        "codedeploy",
        "ec2",
        "ecr",
        "ecs",
        "elasticloadbalancing",
        "iam",
        "lambda",
        "logs",
        "monitoring",
    ),
    *("rds", "s3", "secretsmanager", "sns", "ssm", "sts"),
)
_MODELS: Final = (
    *("athena", "cloudformation", "cloudfront", "cloudwatch", "codedeploy", "ec2", "ecr", "ecs", "elbv2", "events"),
    *("iam", "lambda", "logs", "rds", "s3", "secretsmanager", "sns", "ssm", "sts"),
)
_threads: Final[list[threading.Thread]] = []
# The places of placeholders: each server puts its settings there, and shares everything else with the other processes.
_texts: Final[list[tuple[dict[str, Any], str]]] = []
_functions: Final[list[FunctionType]] = []


def adapt(port: int, state_folder: Path, *, authorization: bool, recording: bool) -> None:
    """Replace the placeholders by a server's settings.

    Args:
        port: of the server.
        state_folder: of the server, as an absolute path.
        authorization: whether policies are enforced.
        recording: whether calls are recorded.
    """
    from ministack import app
    from ministack.services import cloudtrail, s3

    stand_ins = {str(_PORT): str(port), str(_STATE_FOLDER): str(state_folder)}
    for namespace, name in _texts:
        namespace[name] = _replaced(namespace[name], stand_ins)
    for function in _functions:
        function.__defaults__ = tuple(_replaced(it, stand_ins) for it in function.__defaults__ or ())
    app.AUTH = authorization
    cloudtrail._recording_enabled = recording
    # Effects of the emulator's import that differ between servers.
    s3._event_sequence = itertools.count(time.time_ns() // 1000)
    s3._load_persisted_data()
    s3._reschedule_restores()
    for thread in _threads:
        thread.start()


def _namespaces() -> Iterator[dict[str, Any]]:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "ministack" and isinstance(module, ModuleType):
            yield vars(module)


def _find_stand_ins() -> None:
    for namespace in _namespaces():
        for name, value in namespace.items():
            if _has_stand_in(value):
                _texts.append((namespace, name))
            if isinstance(value, FunctionType) and any(_has_stand_in(it) for it in value.__defaults__ or ()):
                _functions.append(value)


def _has_stand_in(value: Any) -> bool:
    return isinstance(value, str) and (str(_PORT) in value or str(_STATE_FOLDER) in value)


def _replaced(value: Any, stand_ins: dict[str, str]) -> Any:
    if isinstance(value, str):
        for stand_in, real in stand_ins.items():
            value = value.replace(stand_in, real)
    return value


def _keep(thread: threading.Thread) -> None:
    _threads.append(thread)


def _import_emulator() -> None:
    """Import the emulator with environment variables like a server's."""
    context = ServerContext(port=_PORT, state_folder=_STATE_FOLDER, region="ap-northeast-1", account="000000000000")
    context.temporary_folder.mkdir(parents=True)
    composed = server.environment(context, authorization=False, recording=False, inherited=os.environ)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, _STATE_FOLDER)
        stack.enter_context(patch.dict(os.environ, composed, clear=True))
        # A thread ends with a fork and could have a lock then, so the forked process starts it.
        stack.enter_context(patch.object(threading.Thread, "start", _keep))
        stack.enter_context(patch.object(tempfile, "tempdir", None))
        for name in _IMPORTED:
            importlib.import_module(name)
        for name in _ASKED:
            sys.modules["ministack.core.responses"]._service_model(name)
        for name in _MODELS:
            models.service_model(name)
        _find_stand_ins()
    gc.freeze()  # objects that stay for ever need no collection, and processes continue to share them


_import_emulator()
