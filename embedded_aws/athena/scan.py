"""The bytes that a query reads from S3, counted as Athena charges for them, up to its workgroup's limit."""

import bisect
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

from embedded_aws.athena import cloudtrail_files
from embedded_aws.athena.catalogue import Table
from embedded_aws.athena.errors import ScanLimitError
from embedded_aws.athena.partitions import Partition
from embedded_aws.s3 import emulator as s3

_AFTER_ANY_KEY = "\U0010ffff"


@dataclass(kw_only=True)
class Scan:
    """The bytes that one query has read."""

    limit: int | None = None  # bytes that it may read; None if no workgroup limits it
    scanned: int = 0  # bytes that it has read
    used: bool = False  # whether it ran here; the emulator does not report what it reads
    _keys: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def count(self, size: int) -> None:
        """Add an object's size.

        Raises:
            ScanLimitError: the limit is exceeded.
        """
        self.scanned += size
        if self.limit is not None and self.scanned > self.limit:
            raise ScanLimitError

    def objects(self, partition: Partition) -> Iterator[tuple[str, bytes]]:
        """Read each object of a partition: its S3 URI and its content."""
        address = urlparse(partition.location)
        bucket = s3.buckets.get(address.netloc)
        if bucket is None:
            return
        prefix = address.path.lstrip("/")
        if address.netloc not in self._keys:
            self._keys[address.netloc] = sorted(bucket["objects"])
        keys = self._keys[address.netloc]
        # Sorted once and searched for each partition: a table has thousands, most of them empty.
        first, last = (bisect.bisect_left(keys, text) for text in (prefix, prefix + _AFTER_ANY_KEY))
        for key in keys[first:last]:
            content = s3.object_content(address.netloc, key)
            if content:
                self.count(len(content))
                yield f"s3://{address.netloc}/{key}", content

    def write_rows(self, table: Table, chosen: list[Partition], path: Path) -> None:
        """Write the events of CloudTrail files as lines of JSON, with the values of their partition keys."""
        with path.open("w", encoding="utf-8") as file:
            for partition in chosen:
                keys = dict(zip(table.partition_keys, partition.values, strict=True))
                for name, content in self.objects(partition):
                    for event in cloudtrail_files.events(content, name):
                        line = cloudtrail_files.row(event, table.columns) | keys
                        file.write(json.dumps(line, ensure_ascii=False) + "\n")
