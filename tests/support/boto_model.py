"""Checks fake clients against botocore's models: operations, arguments, answers, exceptions and pages."""

import io
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, Final

import botocore.session
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (datetime,),
    "blob": (bytes,),
}

# The status in a stack's first event, before its first change set is executed; no model has it.
_NOT_IN_MODEL: Final = ("REVIEW_IN_PROGRESS",)


@cache
def service_model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


@cache
def _pages(service: str) -> dict[str, Any]:
    found: dict[str, Any] = Loader().load_service_model(service, "paginators-1")["pagination"]
    return found


def check_answer(shape: Shape | None, value: object, where: str) -> None:
    """Check that an answer has only members of the model, in its types. Fakes may omit members."""
    if shape is None:
        assert value is None or value == {}, f"{where} answers nothing, not {value!r}"
    elif isinstance(shape, StructureShape):
        assert isinstance(value, dict), f"{where} is a structure, not {value!r}"
        assert set(value) <= {*shape.members, "ResponseMetadata"}, f"{where}: {set(value) - set(shape.members)}"
        _check_all({key: shape.members[key] for key in value if key in shape.members}, value, where)
    elif isinstance(shape, ListShape):
        assert isinstance(value, list), f"{where} is a list, not {value!r}"
        _check_all(dict.fromkeys(range(len(value)), shape.member), dict(enumerate(value)), where)
    elif isinstance(shape, MapShape):
        assert isinstance(value, dict), f"{where} is a map, not {value!r}"
        _check_all(dict.fromkeys(value, shape.value), value, where)
    else:
        _check_scalar(shape, value, where)


def _check_all(shapes: Mapping[Any, Shape], values: Mapping[Any, object], where: str) -> None:
    for key, shape in shapes.items():
        check_answer(shape, values[key], f"{where}.{key}")


def _check_scalar(shape: Shape, value: object, where: str) -> None:
    # CloudFormation's template is text or, as boto3 reads it, a document.
    if where.endswith(".TemplateBody"):
        return
    types = _TYPES.get(shape.type_name, (object,))
    assert isinstance(value, types), f"{where} is a {shape.type_name}, not {value!r}"
    assert not isinstance(value, bool) or bool in types, f"{where} is a {shape.type_name}, not {value!r}"
    if isinstance(shape, StringShape) and shape.enum:
        assert value in (*shape.enum, *_NOT_IN_MODEL), f"{where} is one of {shape.enum}, not {value!r}"


class ModelledClient:
    """A fake client whose calls and answers are checked.

    Its pages have one item each, unless the fake has a paginator of its own.

    Args:
        service: botocore's name of the service.
        client: the fake, with a method for each operation that a test may call.
        paged: operations that only a paginator may call; a direct call would miss what is beyond the first page.
    """

    def __init__(self, service: str, client: Any, *, paged: Collection[str] = ()) -> None:
        self._service, self._client, self._paged = service, client, paged
        self._operations = {xform_name(name): name for name in service_model(service).operation_names}

    @property
    def meta(self) -> Any:
        return self._client.meta

    @property
    def exceptions(self) -> Any:
        return _ModelledExceptions(self._service, self._client.exceptions)

    def __getattr__(self, name: str) -> Any:
        assert name not in self._paged, f"{self._service}.{name} without a paginator answers its first page only"
        if name in self._operations:
            return self._checked(name)
        value = getattr(self._client, name)
        assert not callable(value), f"{self._service} has no operation {name}"
        return value

    def __setattr__(self, name: str, value: object) -> None:
        """Set attributes of a test on the fake, so that calls of them are checked as well."""
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            setattr(self._client, name, value)

    def get_paginator(self, name: str) -> Any:
        pages = _pages(self._service).get(self._operations[name])
        assert pages, f"{self._service} has no paginator for {name}"
        return SimpleNamespace(paginate=lambda **arguments: self._paginate(name, pages, arguments))

    def _checked(self, name: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            self._check_arguments(name, arguments)
            answer = getattr(self._client, name)(**arguments)
            self._check_answer(name, answer)
            return answer

        return call

    def _check_arguments(self, name: str, arguments: Mapping[str, Any]) -> None:
        shape = self._operation(name).input_shape or _nothing()
        alias = {} if "Filters" in shape.members else {"Filters": "Filter"}  # botocore/handlers.py
        named = {alias.get(key, key): value for key, value in arguments.items()}
        report = ParamValidator().validate(named, shape)
        assert not report.has_errors(), f"{self._service}.{name}: {report.generate_report()}"

    def _check_answer(self, name: str, answer: Any) -> None:
        operation = self._operation(name)
        shape, where = operation.output_shape, f"{self._service}.{name}"
        # What only acts may answer nothing: its caller reads nothing.
        assert answer is None or isinstance(answer, Mapping), f"{where} answers {answer!r}"
        values = dict(answer or {})
        if shape and operation.has_streaming_output:
            stream = shape.serialization["payload"]
            # The model has a blob, boto3 answers something to read once.
            assert hasattr(values.pop(stream, io.BytesIO()), "read"), f"{where}.{stream} is a stream"
        check_answer(shape, values, where)

    def _operation(self, name: str) -> OperationModel:
        return service_model(self._service).operation_model(self._operations[name])

    def _paginate(self, name: str, pages: dict[str, Any], arguments: dict[str, Any]) -> Iterator[Any]:
        arguments = {key: value for key, value in arguments.items() if key != "PaginationConfig"}
        if not hasattr(self._client, name):
            self._check_arguments(name, arguments)
            for page in self._client.get_paginator(name).paginate(**arguments):
                self._check_answer(name, page)
                yield page
            return
        answer = self._checked(name)(**arguments)
        key = pages["result_key"]
        key = key[0] if isinstance(key, list) else key
        items = answer.get(key, []) if "." not in key else None
        if not items or len(items) < 2:
            yield answer
            return
        for item in items:
            yield answer | {key: [item]}


class _ModelledExceptions:
    def __init__(self, service: str, exceptions: Any) -> None:
        # Every client has the first one, which is in no model.
        self._known = {"ClientError", *(shape.name for shape in service_model(service).error_shapes)}
        self._exceptions = exceptions

    def __getattr__(self, name: str) -> Any:
        # boto3 names them by their shapes, such as DBSnapshotNotFoundFault.
        assert name in self._known, f"there is no exception {name}: {sorted(self._known)}"
        return getattr(self._exceptions, name)


@cache
def _nothing() -> StructureShape:
    return StructureShape("Nothing", {"type": "structure", "members": {}})
