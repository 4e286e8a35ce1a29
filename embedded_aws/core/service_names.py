"""The names of AWS's services, to distinguish requests to services that are not emulated from requests not for AWS.

At the first such request, the emulator would read all of botocore's models, in four seconds of processor time. The
names are at the beginning of each model.
"""

import gzip
import re
from functools import cache
from pathlib import Path

import botocore

from embedded_aws.core import emulator
from embedded_aws.core.context import ServerContext

_NAME = re.compile(rb'"(?:endpointPrefix|signingName)"\s*:\s*"([^"]+)"')
_BEGINNING = 3000  # bytes that contain the names of each model; botocore writes ``metadata`` first


def install(_context: ServerContext) -> None:
    """Replace the emulator's own lookup."""
    emulator.is_service_name.wrap(lambda _original, name: name in service_names())


@cache
def service_names() -> frozenset[str]:
    """The names of each service in botocore, signatures and host names."""
    names = set[str]()
    for folder in (Path(botocore.__file__).parent / "data").iterdir():
        if models := sorted(folder.glob("*/service-2.json.gz")):
            with gzip.open(models[-1]) as model:
                names |= {folder.name, *(name.decode() for name in _NAME.findall(model.read(_BEGINNING)))}
    return frozenset(names)
