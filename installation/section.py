"""The base of every section of a configuration file."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Takes what is written in the file and nothing else: no unknown field, no other type, no change afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
