"""The names of AWS's services, by which a request to one that is not emulated is told from no request of AWS.

For them the emulator reads all of botocore's models, at the first such request, for four seconds of processor time. A
model begins with what is wanted of it.
"""

import gzip
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore

from embedded_aws.core import emulator
from embedded_aws.core.context import ServerContext

_NAME = re.compile(rb'"(?:endpointPrefix|signingName)"\s*:\s*"([^"]+)"')
_BEGINNING = 3000  # bytes, in which each model has its names; botocore writes ``metadata`` first


def install(_context: ServerContext) -> None:
    """Answer in the emulator's place."""
    emulator.is_service_name.wrap(lambda _original, name: name in service_names())


@cache
def service_names() -> frozenset[str]:
    """How botocore, signatures and addresses call each service."""
    return frozenset(_names())


def _names() -> Iterator[str]:
    for folder in (Path(botocore.__file__).parent / "data").iterdir():
        if models := sorted(folder.glob("*/service-2.json.gz")):
            yield folder.name
            with gzip.open(models[-1]) as model:
                yield from (name.decode() for name in _NAME.findall(model.read(_BEGINNING)))
