"""Reads a request of the query protocol, ``A.member.1.B=c``, into what its service's model says that it is."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from embedded_aws.core.models import input_shape


class Parameters(dict[str, str]):
    """The first value of each parameter, by name."""

    def __init__(self, sent: Mapping[str, Sequence[str]]) -> None:
        super().__init__({name: values[0] for name, values in sent.items() if values})
        self._names = sorted(self)

    def has_below(self, at: str) -> bool:
        """Whether a name begins so; asked for each of a thousand items, so it does not look at all names."""
        place = bisect_left(self._names, f"{at}.")
        return place < len(self._names) and self._names[place].startswith(f"{at}.")


def read_request(service: str, operation: str, sent: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What was sent, by the names of the model; empty where the model has no such operation.

    Args:
        service: as botocore names it, like ``iam``.
        operation: of its model, like ``CreateRole``.
        sent: the values of each parameter, of which the first counts.
    """
    shape = input_shape(service, operation)
    return _structure(shape, "", Parameters(sent)) if shape is not None else {}


def _structure(shape: StructureShape, at: str, parameters: Parameters) -> dict[str, Any]:
    found = {}
    for name, member in shape.members.items():
        value = _value(member, f"{at}{_name(member, name)}", parameters)
        if value is not None:
            found[name] = value
    return found


def _name(member: Shape, name: str) -> str:
    """EC2 writes a name of its own, or the answer's with a capital."""
    serialization = member.serialization
    written: str = serialization.get("queryName") or serialization.get("name", name)
    return written if "queryName" in serialization or written == name else written[:1].upper() + written[1:]


def _value(shape: Shape, at: str, parameters: Parameters) -> Any:
    if isinstance(shape, StructureShape | ListShape | MapShape):
        if not parameters.has_below(at):
            return None
        return _compound(shape, at, parameters)
    text = parameters.get(at)
    if text is not None and shape.type_name in ("integer", "long", "float", "double"):
        try:
            return int(text) if shape.type_name in ("integer", "long") else float(text)
        except ValueError:
            return text  # what is no number the service refuses
    return text


def _compound(shape: StructureShape | ListShape | MapShape, at: str, parameters: Parameters) -> Any:
    if isinstance(shape, StructureShape):
        return _structure(shape, f"{at}.", parameters)
    if isinstance(shape, MapShape):
        entries = _items(shape.value, f"{at}.entry", ".value", parameters)
        return {parameters.get(f"{at}.entry.{number}.key", ""): item for number, item in enumerate(entries, 1)}
    if shape.serialization.get("flattened"):
        name = shape.member.serialization.get("name")
        return _items(shape.member, f"{at.rpartition('.')[0]}.{name}".lstrip(".") if name else at, "", parameters)
    # EC2 writes no name of the items, whatever its model says.
    places = (f"{at}.{shape.member.serialization.get('name', 'member')}", f"{at}.member", at)
    return next((found for it in places if (found := _items(shape.member, it, "", parameters))), [])


def _items(shape: Shape, at: str, suffix: str, parameters: Parameters) -> list[Any]:
    found: list[Any] = []
    for number in count(1):
        item = _value(shape, f"{at}.{number}{suffix}", parameters)
        if item is None:
            return found
        found.append(item)
    return found
