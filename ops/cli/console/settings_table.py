"""The settings that are in force, field by field, with what each means."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel, JsonValue

from installation.settings.section import meanings


@dataclass(frozen=True, kw_only=True)
class Field:
    """One setting."""

    path: str  # where it stands in the file, such as ``database.storage_gib``
    value: JsonValue  # what is in force
    default: bool  # whether the file leaves it to its default
    meaning: str  # what it is for


def fields(section: BaseModel, prefix: str = "", *, written: bool = True) -> Iterator[Field]:
    """All settings of a section, in the order of the models that define them.

    Args:
        prefix: what stands before their names, such as ``database.``.
        written: whether the section is in the file.
    """
    values = section.model_dump(mode="json")
    for name in type(section).model_fields:
        value = getattr(section, name)
        in_file = written and name in section.model_fields_set
        if isinstance(value, BaseModel):
            yield from fields(value, f"{prefix}{name}.", written=in_file)
        else:
            meaning = meanings(type(section)).get(name, "")
            yield Field(path=f"{prefix}{name}", value=values[name], default=not in_file, meaning=meaning)
