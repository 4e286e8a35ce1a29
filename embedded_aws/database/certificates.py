"""The certificate of all databases, and the authority that signs it instead of RDS's own."""

import ssl
import threading
from collections.abc import Mapping
from pathlib import Path

from embedded_aws.database import emulator
from installation.aws_facts.rds_certificates import default_certificate_of, regions
from installation.names import CERTIFICATES_VARIABLE


class Certificate:
    """Created when the first database starts: two keys take 0.25 seconds of processor time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def __call__(self) -> ssl.SSLContext:
        """The TLS context of a gateway."""
        with self._lock:
            if self._context is None:
                self._context = server_context(self._folder, "localhost", "127.0.0.1")
            return self._context


def server_context(folder: Path, host: str, *addresses: str) -> ssl.SSLContext:
    """The TLS context of a server with this name; its certificate and key are kept in the folder."""
    files = folder / f"{host}.crt", folder / f"{host}.key"
    for file, content in zip(files, emulator.server_certificate([host], list(addresses)), strict=True):
        file.touch(mode=0o600)
        file.write_text(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context


def authority() -> str:
    """The certificate of the authority, in PEM, which ``/_ministack/rds/ca.pem`` returns too."""
    certificate: str = emulator.certificate_authority()[0]
    return certificate.strip()


def with_authority(environment: Mapping[str, str], region: str) -> dict[str, str]:
    """The variables of a container, with this authority in place of AWS's.

    Only the region's ``rds-ca-rsa2048-g1`` is replaced, so that a container with other certificates refuses the
    database here as it would on AWS.
    """
    given = dict(environment)
    text = given.get(CERTIFICATES_VARIABLE)
    if text and region in regions():
        given[CERTIFICATES_VARIABLE] = text.replace(default_certificate_of(region), authority())
    return given
