"""Which instance classes RDS offers for PostgreSQL, as cfn-lint carries it from RDS's own price list."""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

_FILE: Final = "data/schemas/extensions/aws_rds_dbinstance/dbinstanceclass_enum.json"


@cache
def offered(region: str) -> frozenset[str]:
    """Class names of a region; none where nothing is known of it. The file has four megabytes, and is read once."""
    spec = find_spec("cfnlint")
    if spec is None or spec.origin is None:
        return frozenset()
    content: Any = json.loads((Path(spec.origin).parent / _FILE).read_bytes())
    return frozenset(
        name
        for rule in content.get(region, {}).get("allOf", ())
        if rule["if"]["properties"].get("Engine", {}).get("const") == "postgres"
        for name in rule["then"]["properties"]["DBInstanceClass"]["enum"]
    )
