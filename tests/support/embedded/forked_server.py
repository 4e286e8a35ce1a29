"""Forks servers from one process that has imported the embedded AWS, because each import takes three seconds.

``multiprocessing`` keeps that process, one for each process of the tests, and ends it with these.
"""

import atexit
import os
import sys
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

_METHOD: Final = get_context("forkserver")
_METHOD.set_forkserver_preload(
    [__name__, "tests.support.embedded.conformance.recording", "tests.support.embedded.imported_server"]
)


def start(
    *arguments: str,
    port: int,
    state_folder: Path,
    environment: dict[str, str],
    folder: Path,
    log_file: Path,
    answers_file: Path,
) -> "ForkServerProcess":
    """Start ``python -m embedded_aws --port PORT --state FOLDER ARGUMENTS``.

    Args:
        arguments: further arguments of the command line.
        port: of the server.
        state_folder: of the server.
        environment: its environment variables.
        folder: its working directory.
        log_file: the file for its output.
        answers_file: the file for its answers.
    """
    given = (arguments, port, state_folder, environment, folder, log_file, answers_file)
    process = _METHOD.Process(target=_serve, args=given, daemon=True)
    process.start()
    return process


def _serve(
    arguments: tuple[str, ...],
    port: int,
    state_folder: Path,
    environment: dict[str, str],
    folder: Path,
    log_file: Path,
    answers_file: Path,
) -> None:
    with Path(os.devnull).open("rb") as nothing, log_file.open("ab") as log:
        for number, file in enumerate((nothing, log, log)):
            os.dup2(file.fileno(), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["embedded_aws", "--port", str(port), "--state", str(state_folder), *arguments]
    from embedded_aws.__main__ import main
    from tests.support.embedded.conformance import recording
    from tests.support.embedded.imported_server import adapt
    from tests.support.embedded.verification import allow_late_answers
    from tests.support.given_configuration import use_given_configuration

    use_given_configuration()
    allow_late_answers()
    recording.install(answers_file)
    adapt(port, state_folder.resolve(), authorization="--auth" in arguments, recording="--cloudtrail" in arguments)
    try:
        main()
    finally:
        atexit._run_exitfuncs()  # a forked process does not run them
