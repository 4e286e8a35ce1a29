"""The files that CloudFront compresses: publishing does not compress them, and the embedded CloudFront does.

Source: CloudFront developer guide, "Serve compressed files", file types and sizes.
"""

from pathlib import Path
from typing import Final

from installation import yaml_text

SMALLEST_BYTES: Final = 1_000
LARGEST_BYTES: Final = 10_000_000

_FILE: Final = Path(__file__).with_suffix(".yaml")
COMPRESSED_TYPES: Final = yaml_text.read(_FILE, frozenset[str])
