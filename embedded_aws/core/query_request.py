"""Parses a request of the query protocol, ``A.member.1.B=c``, into the types of its service's model."""

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

    def has_below(self, prefix: str) -> bool:
        """Whether a name has this prefix; called for each of a thousand items, so it does not compare all names."""
        place = bisect_left(self._names, f"{prefix}.")
        return place < len(self._names) and self._names[place].startswith(f"{prefix}.")


def read_request(service: str, operation: str, sent: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The request, with the names of the model; empty where the model has no such operation.

    Args:
        service: as botocore names it, like ``iam``.
        operation: its name in the model, like ``CreateRole``.
        sent: the values of each parameter, of which the first is used.
    """
    shape = input_shape(service, operation)
    return _structure(shape, "", Parameters(sent)) if shape is not None else {}


def _structure(shape: StructureShape, prefix: str, parameters: Parameters) -> dict[str, Any]:
    found = {}
    for name, member in shape.members.items():
        value = _value(member, f"{prefix}{_name(member, name)}", parameters)
        if value is not None:
            found[name] = value
    return found


def _name(member: Shape, name: str) -> str:
    """The name of a member in requests; for EC2 its own name, or the answer's with an initial capital."""
    serialization = member.serialization
    written: str = serialization.get("queryName") or serialization.get("name", name)
    return written if "queryName" in serialization or written == name else written[:1].upper() + written[1:]


def _value(shape: Shape, prefix: str, parameters: Parameters) -> Any:
    if isinstance(shape, StructureShape | ListShape | MapShape):
        if not parameters.has_below(prefix):
            return None
        return _compound(shape, prefix, parameters)
    text = parameters.get(prefix)
    if text is not None and shape.type_name in ("integer", "long", "float", "double"):
        try:
            return int(text) if shape.type_name in ("integer", "long") else float(text)
        except ValueError:
            return text  # the service refuses it
    return text


def _compound(shape: StructureShape | ListShape | MapShape, prefix: str, parameters: Parameters) -> Any:
    if isinstance(shape, StructureShape):
        return _structure(shape, f"{prefix}.", parameters)
    if isinstance(shape, MapShape):
        entries = _items(shape.value, f"{prefix}.entry", ".value", parameters)
        return {parameters.get(f"{prefix}.entry.{number}.key", ""): item for number, item in enumerate(entries, 1)}
    if shape.serialization.get("flattened"):
        name = shape.member.serialization.get("name")
        return _items(
            shape.member, f"{prefix.rpartition('.')[0]}.{name}".lstrip(".") if name else prefix, "", parameters
        )
    # EC2's requests have no name for the items, although its model has one.
    places = (f"{prefix}.{shape.member.serialization.get('name', 'member')}", f"{prefix}.member", prefix)
    return next((found for it in places if (found := _items(shape.member, it, "", parameters))), [])


def _items(shape: Shape, prefix: str, suffix: str, parameters: Parameters) -> list[Any]:
    found: list[Any] = []
    for number in count(1):
        item = _value(shape, f"{prefix}.{number}{suffix}", parameters)
        if item is None:
            return found
        found.append(item)
    return found
