"""The server process of the embedded AWS: prepares the emulator, installs the extensions, and serves until a signal."""

import asyncio
import errno
import fcntl
import logging
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from embedded_aws.core.context import ServerContext, ServerError
from embedded_aws.core.request_guard import with_request_guard
from embedded_aws.core.root_credentials import WELL_KNOWN, RootCredentials, root_credentials

_HOST = "127.0.0.1"
# What a child process needs of its parent's environment. Everything else is left out, because the emulator passes its
# own environment to Lambda functions: they must not see a credential or a PYTHONPATH of this machine.
_KEPT_VARIABLES = ("PATH", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SYSTEMROOT")

logger = logging.getLogger("embedded_aws")


def environment(
    context: ServerContext,
    *,
    authorization: bool,
    recording: bool,
    inherited: Mapping[str, str],
    root: RootCredentials = WELL_KNOWN,
) -> dict[str, str]:
    """Compose the whole environment of the server process; it keeps few variables of the original one."""
    return {name: inherited[name] for name in _KEPT_VARIABLES if name in inherited} | {
        "AUTH": str(authorization).lower(),
        "AWS_ACCESS_KEY_ID": root.access_key_id,
        "AWS_DEFAULT_REGION": context.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": context.region,
        "AWS_SECRET_ACCESS_KEY": root.secret_access_key,
        "BIND_HOST": _HOST,
        "CLOUDTRAIL_RECORDING": str(int(recording)),
        # Never look for a Docker daemon, even if there is one: the embedded AWS is the same on every machine.
        "DOCKER_HOST": f"unix://{context.temporary_folder / 'no-docker.sock'}",
        "GATEWAY_PORT": str(context.port),
        # Tools keep caches and settings in the home folder: the real one is neither read nor written.
        "HOME": str(context.temporary_folder),
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_ACCOUNT_ID": context.account,
        "MINISTACK_HOST": "localhost",
        "MINISTACK_REGION": context.region,
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(context.state_folder / "objects"),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(context.state_folder / "services"),
        "TMPDIR": str(context.temporary_folder),
    }


def serve(context: ServerContext, *, authorization: bool = False, recording: bool = False) -> None:
    """Serve until SIGTERM or SIGINT, then save all state and end what the extensions started.

    Call it once in a process, before anything imports the emulator, which reads the environment at import.

    Raises:
        ServerError: the port is taken, another server uses the folder, or saved state cannot be used.
    """
    os.umask(0o077)  # the saved state contains passwords and data: no other user may read it
    with _state_folder_lock(context.state_folder):
        _check_port(context.port)
        shutil.rmtree(context.temporary_folder, ignore_errors=True)
        for folder in (context.temporary_folder, context.state_folder / "services", context.state_folder / "objects"):
            folder.mkdir(parents=True, exist_ok=True)
        root = root_credentials(context.state_folder, authorization=authorization)
        own = environment(context, authorization=authorization, recording=recording, inherited=os.environ, root=root)
        os.environ.clear()
        os.environ.update(own)
        tempfile.tempdir = None  # so that Python reads the new TMPDIR
        asyncio.run(_serve(context))


@contextmanager
def _state_folder_lock(folder: Path) -> Iterator[None]:
    """Keep a second server from using the folder; the operating system releases the lock when the process ends."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # an earlier version, or the command under the user's umask, may have made it
    with (folder / "server.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"another embedded AWS uses the state folder {folder}: end it, or name another folder"
            raise ServerError(message) from None
        yield


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise _port_error(port, error) from None


def _port_error(port: int, error: OSError) -> ServerError:
    return ServerError(
        f"cannot listen on {_HOST}:{port}: {error.strerror}. End the program that uses the port, or choose another "
        "with --port or HANNIBAL_PORT."
    )


async def _serve(context: ServerContext) -> None:
    # Imported late: these import the emulator, which reads the environment at import.
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config
    from ministack import app

    from embedded_aws.cloudformation.registry import recorded_resources
    from embedded_aws.core import emulator
    from embedded_aws.core.durable_answers import save_before_answering
    from embedded_aws.core.state import StateKeeper
    from embedded_aws.core.state_files import StateError
    from embedded_aws.extensions import install_all

    emulator.use_loop(asyncio.get_running_loop())  # restoring state may call services
    install_all(context)
    keeper = StateKeeper(context.state_folder / "services", context.stores, recorded_resources)
    try:
        keeper.load()
    except StateError as error:
        raise ServerError(str(error)) from error
    emulator.leave_state_alone()
    context.keepers.append(keeper)
    shutdown = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, shutdown.set)
    config = Config()
    config.bind = [f"{_HOST}:{context.port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.5  # seconds for requests; the server would also wait for idle connections of SDKs
    config.errorlog = logging.getLogger("hypercorn")  # by default it logs to its own stream and the root logger
    try:
        for callback in context.start_callbacks:
            await asyncio.to_thread(callback)
        keeper.start()
        application = with_request_guard(save_before_answering(app.app, keeper), port=context.port)
        try:
            await hypercorn_serve(application, config, shutdown_trigger=shutdown.wait)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:  # another server has started at the same time
                raise _port_error(context.port, error) from None
            raise
        await asyncio.to_thread(keeper.stop)
    finally:
        # The recorded state is saved. Tasks are cancelled first: releasing what callbacks hold would let them continue.
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        for callback in reversed(context.stop_callbacks):
            await asyncio.to_thread(_run_stop_callback, callback)


def _run_stop_callback(callback: Callable[[], None]) -> None:
    try:
        callback()
    except Exception:
        # An extension that cannot end its processes must not keep the others from ending theirs.
        logger.exception("ending %s", callback)
