"""What AWS bills after the month has ended, with quantities and the monthly cost."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final, Literal

from installation import yaml_text
from installation.names import ALL_STACKS
from installation.names.persistent import TOOLKIT_STACK
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.cost.charges import HOURS_A_MONTH
from ops.cost.prices import PriceBook
from ops.month.snapshots import read_former_snapshots, read_snapshots
from ops.service.database_instances import Instance, read_databases
from ops.stacks.state import Resource, read_resources, read_stacks

Unit = Literal["GB", "GiB", "piece"]
_GB = 10**9
# Counting a bucket's objects takes a call per thousand; CloudWatch's daily figure is preferred.
_MOST_OBJECTS = 20_000


class _Kind(yaml_text.Data):
    """A kind of what is billed, as in the file, which explains the fields."""

    type: str | None = None
    price: str = ""


_kinds: Final = yaml_text.cached_reader(Path(__file__).parent / "data" / "leftovers.yaml", dict[str, _Kind])


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """A resource that is billed."""

    kind: str  # its kind in plain words
    name: str
    quantity: float  # in ``unit``
    unit: Unit  # GB for stored bytes, GiB for RDS's storage, piece for what is counted
    stack: str = ""  # its stack; empty where it is in none
    # False where the figure is a bound: an upper one for snapshots, a lower one for very full buckets.
    exact: bool = True
    price: str = ""  # name of its price where its kind does not determine it


def read_leftovers(aws: Aws) -> tuple[Leftover, ...]:
    """Every resource that is billed while it exists.

    These are resources of the platform's stacks and the CDK's own; databases beside the month's; log groups that RDS
    has created for any database; and snapshots.
    """
    leftovers: list[Leftover] = []
    for stack in read_stacks(aws, (*ALL_STACKS, TOOLKIT_STACK)):
        for resource in read_resources(aws, stack):
            if resource.physical_id and resource.status != "DELETE_COMPLETE":
                leftovers += _measure(aws, stack, resource)
    databases = read_databases(aws)
    further = (databases.coming, *databases.former, databases.trial, *databases.in_its_group)
    for database in further:
        leftovers += _database_leftovers(database) if database else ()
    # RDS creates a log group without retention for each name of an instance, and never deletes it.
    for name, stored in log_group_bytes(aws, f"{aws.names.database_log_group.rpartition('/')[0]}-").items():
        leftovers.append(Leftover(kind="log group", name=name, quantity=stored / _GB, unit="GB"))
    for snapshot in (*read_snapshots(aws), *read_former_snapshots(aws)):
        # RDS bills the stored data, but reports only the instance's allocated storage, which is the upper bound.
        size = float(snapshot.size_gib)
        leftovers.append(Leftover(kind="snapshot", name=snapshot.name, quantity=size, unit="GiB", exact=False))
    return tuple(leftovers)


def _database_leftovers(database: Instance) -> Iterator[Leftover]:
    """A database beside the month's: its hours unless stopped, and its storage; a standby doubles both."""
    copies = 2 if database.multi_az else 1
    storage = database.description.get("StorageType", "gp3")
    if database.status not in ("stopped", "stopping"):
        yield Leftover(
            kind=f"further database ({database.instance_class})",
            name=database.name,
            quantity=copies,
            unit="piece",
            price=f"rds.{database.instance_class}.hour",
        )
    yield Leftover(
        kind=f"storage of further databases ({storage})",
        name=database.name,
        quantity=float(copies * database.storage_gib),
        unit="GiB",
        price=f"rds.{storage}",
    )


def _measure(aws: Aws, stack: str, resource: Resource) -> Iterator[Leftover]:
    name, kind = resource.physical_id, resource.resource_type
    if kind == "AWS::S3::Bucket":
        size, exact = bucket_bytes(aws, name)
        yield Leftover(kind="bucket", name=name, quantity=size / _GB, unit="GB", stack=stack, exact=exact)
    elif kind == "AWS::Logs::LogGroup":
        size = log_group_bytes(aws, name).get(name, 0)
        yield Leftover(kind="log group", name=name, quantity=size / _GB, unit="GB", stack=stack)
    elif kind == "AWS::ECR::Repository":
        size = image_bytes(aws, name)
        yield Leftover(kind="images", name=name, quantity=size / _GB, unit="GB", stack=stack)
    elif piece := next((it for it, known in _kinds().items() if known.type == kind), None):
        yield Leftover(kind=piece, name=name, quantity=1, unit="piece", stack=stack)


def bucket_bytes(aws: Aws, bucket: str) -> tuple[int, bool]:
    """Bytes in a bucket and whether that is exact: yesterday's figure of CloudWatch, or a count of the objects."""
    now = datetime.now(UTC)
    points = aws.cloudwatch.get_metric_statistics(
        Namespace="AWS/S3",
        MetricName="BucketSizeBytes",
        Dimensions=[{"Name": "BucketName", "Value": bucket}, {"Name": "StorageType", "Value": "StandardStorage"}],
        StartTime=now - timedelta(days=3),
        EndTime=now,
        Period=86_400,
        Statistics=["Average"],
    )["Datapoints"]
    if points:
        newest = max(points, key=lambda point: point.get("Timestamp", now - timedelta(days=9)))
        return round(newest.get("Average", 0)), True
    sizes: list[int] = []
    with ignoring("NoSuchBucket"):
        pages = aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        objects = (item.get("Size", 0) for page in pages for item in page.get("Contents", []))
        sizes = list(islice(objects, _MOST_OBJECTS + 1))
    return sum(sizes[:_MOST_OBJECTS]), len(sizes) <= _MOST_OBJECTS


def log_group_bytes(aws: Aws, prefix: str) -> Mapping[str, int]:
    """Stored bytes of log groups, by name, whose names begin with a prefix."""
    pages = aws.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
    return {group.get("logGroupName", ""): group.get("storedBytes", 0) for page in pages for group in page["logGroups"]}


def image_bytes(aws: Aws, repository: str) -> int:
    """Bytes of all images of a repository. Shared layers are counted for each image, as ECR reports them."""
    try:
        pages = aws.ecr.get_paginator("describe_images").paginate(repositoryName=repository)
        return sum(image.get("imageSizeInBytes", 0) for page in pages for image in page["imageDetails"])
    except aws.ecr.exceptions.RepositoryNotFoundException:
        return 0


@dataclass(frozen=True, kw_only=True)
class Total:
    """The sum of all leftovers of a kind."""

    kind: str
    count: int
    quantity: float
    unit: Unit
    exact: bool
    price: str  # name of their price; empty where the kind determines it

    def cost(self, prices: PriceBook) -> float | None:
        """US dollars for a whole month, before tax, after the free tier that every account has.

        None where no price is known here. An upper bound for snapshots and logs, of which AWS bills less than it
        reports.
        """
        name = self.price or (_kinds()[self.kind].price if self.kind in _kinds() else "")
        price = prices.prices.get(name)
        if price is None:
            return None
        quantity = self.quantity * (HOURS_A_MONTH if name.endswith(".hour") else 1.0)
        return max(0.0, quantity - price.free_quantity) * price.price


def totals(leftovers: Iterable[Leftover]) -> tuple[Total, ...]:
    """A sum for each kind, in the order of their first leftovers."""
    kinds: dict[str, list[Leftover]] = {}
    for leftover in leftovers:
        kinds.setdefault(leftover.kind, []).append(leftover)
    return tuple(
        Total(
            kind=kind,
            count=len(items),
            quantity=sum(item.quantity for item in items),
            unit=items[0].unit,
            exact=all(item.exact for item in items),
            price=items[0].price,
        )
        for kind, items in kinds.items()
    )
