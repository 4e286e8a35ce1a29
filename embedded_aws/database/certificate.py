"""The certificate of all databases, signed by the authority that ``/_ministack/rds/ca.pem`` shows."""

import ssl
import threading
from pathlib import Path

from embedded_aws.database import emulator


class Certificate:
    """Makes it for the first database that starts: two keys are a quarter of a second of processor time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def __call__(self) -> ssl.SSLContext:
        """What a gateway encrypts with."""
        with self._lock:
            if self._context is None:
                self._context = server_context(self._folder, "localhost", "127.0.0.1")
            return self._context


def server_context(folder: Path, host: str, *addresses: str) -> ssl.SSLContext:
    """What a server of a name encrypts with; its certificate and key are kept in the folder."""
    files = folder / f"{host}.crt", folder / f"{host}.key"
    for file, content in zip(files, emulator.server_certificate([host], list(addresses)), strict=True):
        file.touch(mode=0o600)
        file.write_text(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context
