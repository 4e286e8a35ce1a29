"""Meters of databases, buckets, image repositories, keys and secrets."""

from collections.abc import Iterator
from typing import Final

from ops.cost.meters.meter import Charge, Meter, Month, NotPricedError, amount, monthly_meter
from ops.cost.usage import assumption_for
from ops.templates.normal_form import scalar
from ops.templates.template import Resource


def _database(database: Resource, month: Month) -> Iterator[Charge]:
    if database.text("Engine") != "postgres":
        raise NotPricedError(f"no price for engine {database.text('Engine') or 'that is only known at deployment'}")
    if database.text("StorageType", "gp2") != "gp3":
        raise NotPricedError(f"no price for storage {database.text('StorageType', 'gp2')}")
    # A standby doubles instance and storage (RDS pricing, Multi-AZ).
    copies = 2 if scalar(database.properties.get("MultiAZ")) == "true" else 1
    detail = "instance and its standby" if copies == 2 else ""
    allocated = amount(database, "AllocatedStorage", 0)
    yield Charge(
        price=f"rds.{database.text('DBInstanceClass')}.hour",
        quantity=copies * month.hours(database.lifecycle) * month.shares.database,
        detail=detail,
    )
    yield Charge(price="rds.gp3", quantity=copies * allocated * month.months(database.lifecycle), detail=detail)
    yield from _backups(database, month, allocated)


def _backups(database: Resource, month: Month, allocated: float) -> Iterator[Charge]:
    """Automated backups and snapshots; as much as instances allocate is free, but only while an instance exists."""
    share = month.months(database.lifecycle)
    used = month.usage.database_used_gb.value
    snapshots = month.usage.snapshots.value * used
    backups = used if amount(database, "BackupRetentionPeriod", 1) else 0
    yield Charge(
        price="rds.backup",
        quantity=max(0.0, snapshots + backups - allocated) * share,
        detail="beyond the free storage of a running instance",
    )
    yield Charge(price="rds.backup", quantity=snapshots * (1 - share), detail="snapshots while no instance exists")
    if database.text("AutomaticBackupReplicationRegion"):
        # The first copy is a full one; later changes are copied as logs.
        yield Charge(price="rds.backup", quantity=used * share, detail="copies in another region")
        yield Charge(price="transfer.regions", quantity=used * share, detail="copies to another region")


def _bucket(bucket: Resource, month: Month) -> Iterator[Charge]:
    stored = assumption_for(month.usage.stored_gb, bucket.text("BucketName"))
    yield Charge(price="s3.standard", quantity=stored * month.months(bucket.lifecycle))


def _repository(repository: Resource, month: Month) -> Iterator[Charge]:
    yield Charge(price="ecr.storage", quantity=month.usage.images_gb.value * month.months(repository.lifecycle))


METERS: Final[dict[str, Meter]] = {
    "AWS::ECR::Repository": _repository,
    "AWS::KMS::Key": monthly_meter("kms.key"),
    "AWS::RDS::DBInstance": _database,
    "AWS::S3::Bucket": _bucket,
    "AWS::SecretsManager::Secret": monthly_meter("secret.month"),
}
