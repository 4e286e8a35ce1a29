"""Tables and views in the Glue Data Catalog."""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from embedded_aws.athena import emulator

_VIEW_TEXT = re.compile(r"/\*\s*Presto View:\s*(?P<encoded>\S+)\s*\*/")
_CLOUDTRAIL_FORMAT = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"


@dataclass(frozen=True, kw_only=True)
class View:
    """An Athena view: its query, and the database of the names in it."""

    sql: str
    database: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table over files in S3."""

    definition: dict[str, Any]  # the table as Glue stores it
    columns: dict[str, exp.DataType]  # its columns with their types, in order
    partition_keys: tuple[str, ...]  # the columns whose value is in the file's key
    parameters: dict[str, str]  # its table properties
    location: str  # S3 URI of its files

    @property
    def holds_cloudtrail_files(self) -> bool:
        """Whether each file contains many events, in CloudTrail's format."""
        return bool(self.definition["StorageDescriptor"].get("InputFormat") == _CLOUDTRAIL_FORMAT)


def find(database: str, name: str) -> View | Table | None:
    """Find a table or view by its name, in any case."""
    definition = emulator.tables.get(f"{database.lower()}/{name.lower()}")
    if definition is None:
        return None
    view = _VIEW_TEXT.search(definition.get("ViewOriginalText") or "")
    if view and (definition.get("Parameters") or {}).get("presto_view") == "true":
        content = json.loads(base64.b64decode(view["encoded"]))
        return View(sql=content["originalSql"], database=content["schema"])
    storage = definition.get("StorageDescriptor") or {}
    columns = {
        column["Name"].lower(): exp.DataType.build(column["Type"], dialect="hive")
        for column in storage.get("Columns") or []
    }
    return Table(
        definition=definition,
        columns=columns,
        partition_keys=tuple(key["Name"].lower() for key in definition.get("PartitionKeys") or []),
        parameters=definition.get("Parameters") or {},
        location=storage.get("Location", ""),
    )
