"""The base of every section of a configuration file, and what the fields of a section are for."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, model_validator

# What CloudFormation would fill in, by the text that it begins with.
_FILLED_IN: Final = {
    # It would look the reference up, and write a secret into the template's plain text.
    "{{resolve:": "must not hold a dynamic reference of CloudFormation; see service.secrets",
    # It would not: the text stays as it is (cfn-lint, E1029).
    "${AWS::": "nothing fills ${AWS::…} in here; a variable gets such a value by {fact: region}",
}


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
