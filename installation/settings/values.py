"""Types of values that several sections have."""

import json
import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

# The values that CloudWatch Logs accepts (API reference, PutRetentionPolicy); `true` would count as 1.
RetentionDays = Annotated[
    Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
    BeforeValidator(lambda value: str(value) if isinstance(value, bool) else value),
]
CertificateArn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$")
]
# What a URL may hold behind the host (RFC 3986), and the brackets that many leave as they are; Elastic Load Balancing
# takes 1,024 characters (API reference, CreateTargetGroup).
UrlPath = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._~!$&'()*+,;=:@/?%\[\]-]*$", max_length=1024)]
# The name of an image as registries and their clients have it (github.com/distribution/reference, its grammar): only a
# first part with a point or a port is a host. A digest alone is no name.
_PART: Final = r"[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*"
IMAGE: Final = re.compile(
    r"(?!sha256:[0-9a-f]{64}\Z)"
    r"(?P<name>((localhost|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)(:[0-9]+)?/|[A-Za-z0-9-]+:[0-9]+/)?"
    rf"{_PART}(/{_PART})*)"
    r"(:(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(@(?P<digest>sha256:[0-9a-f]{64}))?"
)
IMAGE_FORM: Final = "REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:DIGEST, the name in lower case"


def _image(value: str) -> str:
    match = IMAGE.fullmatch(value)
    if match is None or not (match["tag"] or match["digest"]):
        raise PydanticCustomError("image", f"must be {IMAGE_FORM}")
    return value


def _command(value: tuple[str, ...]) -> tuple[str, ...]:
    size = len(json.dumps(value))
    if size > _MOST_OF_COMMAND:
        raise PydanticCustomError("command", f"has {size} characters as JSON, and a task takes {_MOST_OF_COMMAND}")
    return value


# Of ECS's 8,192 characters for what one task is told besides its definition, variables among it (API reference,
# RunTask, "overrides").
_MOST_OF_COMMAND: Final = 7_500
# Word by word.
Command = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_command)]
# By tag or by digest, so that a revision says what it runs.
ImageName = Annotated[str, AfterValidator(_image)]
# A private repository: of which account and region, and its name.
ECR_IMAGE: Final = re.compile(r"^([0-9]{12})\.dkr[.-]ecr\.([a-z0-9-]+)\.[a-z.]+/([^:@]+)[:@]")
