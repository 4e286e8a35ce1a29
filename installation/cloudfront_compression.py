"""What CloudFront compresses by itself: publishing pages leaves that to it, and the embedded CloudFront does it.

Source: CloudFront developer guide, "Serve compressed files", file types and sizes. This module knows neither CDK nor
boto3, because both sides import it.
"""

from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from installation.yaml_text import parsed

SMALLEST_BYTES: Final = 1_000
LARGEST_BYTES: Final = 10_000_000

_FILE: Final = Path(__file__).with_suffix(".yaml")
COMPRESSED_TYPES: Final = frozenset(TypeAdapter(list[str]).validate_python(parsed(_FILE.read_text("utf-8"))))
