"""The base of every section of a configuration file, types of values that several have, and what fields are for."""

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

# What CloudFormation would fill in, by the text that it begins with.
_FILLED_IN: Final = {
    # It would look the reference up, and write a secret into the template's plain text.
    "{{resolve:": "must not hold a dynamic reference of CloudFormation; see service.secrets",
    # It would not: the text stays as it is (cfn-lint, E1029).
    "${AWS::": "nothing fills ${AWS::…} in here; a variable gets such a value by {fact: region}",
}
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


class Section(BaseModel):
    """Takes what is written in the file and nothing else: no unknown field, no other type, no change afterwards.

    A method called ``_check…`` yields what is wrong about several fields together, each message with its field.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @model_validator(mode="after")
    def _run_checks(self) -> Self:
        """Refuse what the methods called ``_check…`` have to say, those of a base class first."""
        for part in reversed(type(self).__mro__):
            for name, check in vars(part).items():
                if name.startswith("_check") and (problem := next(check(self), None)):
                    raise ValueError(problem)
        return self

    def _check_texts(self) -> Iterator[str]:
        for name, value in self:
            for text in value if isinstance(value, tuple) else (value,):
                for beginning, problem in _FILLED_IN.items():
                    if isinstance(text, str) and beginning in text:
                        yield f"{name}: {problem}"


@cache
def meanings(model: type[BaseModel]) -> Mapping[str, str]:
    """The text under each field of a model, by the field.

    It is read when it is asked for. Pydantic would read it whenever a process starts, for half of the time that the
    settings take.
    """
    found: dict[str, str] = {}
    for part in reversed(model.__mro__):
        if issubclass(part, BaseModel) and part not in (BaseModel, Section):
            found |= _texts(part)
    return found


def _texts(model: type[BaseModel]) -> Mapping[str, str]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


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


# Of ECS's 8,192 characters for what one task gets besides its definition, variables among it (API reference,
# RunTask, "overrides").
_MOST_OF_COMMAND: Final = 7_500
Command = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_command)]  # Word by word
ImageName = Annotated[str, AfterValidator(_image)]  # By tag or by digest, so that a revision says what it runs
# A private repository: of which account and region, and its name.
ECR_IMAGE: Final = re.compile(r"^([0-9]{12})\.dkr[.-]ecr\.([a-z0-9-]+)\.[a-z.]+/([^:@]+)[:@]")
