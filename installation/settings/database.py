"""The section `database` of a configuration file."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from installation.aws_facts.regions import ALL_REGIONS
from installation.aws_facts.reserved_users import is_reserved_user
from installation.settings.section import Command, ImageName, Section

Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}-[a-z]+-[0-9]$")]
KeyArn = Annotated[str, StringConstraints(pattern=r"^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$")]


class BackupCopySettings(Section):
    """Where RDS copies automatic backups to, with the log of every five minutes."""

    region: Region
    """Region that RDS copies to; the pairs are in the RDS user guide, "Supported Regions"."""
    kms_key: KeyArn
    """Key of that region that encrypts the copies. RDS's own costs nothing: `aws kms describe-key --key-id
    alias/aws/rds --region REGION`."""
    retention_days: int = Field(default=7, ge=1, le=35)
    """Days for which copies can be restored, also those of a deleted database."""

    def _check_key(self) -> Iterator[str]:
        if self.region not in ALL_REGIONS:
            yield f"region: {self.region} is no region of AWS; write one such as us-west-2"
        if self.kms_key.split(":")[3] != self.region:
            yield f"kms_key: must be a key of {self.region}, where it encrypts the copies"


class DatabaseSettings(Section):
    """PostgreSQL on RDS."""

    engine_version: str = Field(default="18.3", pattern=r"^[0-9]+\.[0-9]+$")
    """PostgreSQL version, exact; raised here and applied at the next start, never lowered below the snapshot's."""
    instance_class: str = Field(default="db.t4g.micro", pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")
    """Class of the instance, such as db.t4g.micro, the smallest that runs PostgreSQL 18."""
    storage_gib: int = Field(default=20, ge=20, le=16384)
    """GiB of gp3 storage; 20 is the minimum. It cannot be lowered again: RDS restores no snapshot into less."""
    max_connections: int = Field(default=100, ge=20, le=5000)
    """Maximum of connections, on which the connection alarm is based; the default of the class is not a round
    number."""
    multi_az: bool = False
    """A standby in the second zone, for twice the price."""
    backup_retention_days: int = Field(default=7, ge=1, le=35)
    """Days of automatic backups within the month; the final snapshot outlives it."""
    backup_copy: BackupCopySettings | None = None
    """Copies of the automatic backups in another region; None: none (0.095 USD a GB and month, and the transfer)."""
    snapshots_kept: int = Field(default=3, ge=1, le=50)
    """Final snapshots that pruning leaves, and as many that were made before releases: the last releases may have to be
    rolled back together with their data. Each is billed by the GB while the month is stopped."""
    user: str = Field(default="hannibal", pattern=r"^[a-z][a-z0-9_]{0,62}$")
    """Master user; fixed by the first month, because a restore keeps the snapshot's."""
    restore_check: Command | None = None
    """Command of the running image that checks the content of a snapshot, through RESTORED_DATABASE_URL; for `hannibal
    snapshots try`. None: only RDS reads it."""
    service_user: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,62}$")
    """Separate database user for the service, with a password for each month and without DDL; migrations run as the
    master user. None: the service is the master user (decision record 34)."""
    service_user_image: ImageName | None = None
    """Image with a shell and psql 16 or newer that creates that user before a task's API starts; by digest."""

    def _check_user(self) -> Iterator[str]:
        if is_reserved_user(self.user):
            yield (
                f"user: {self.user} is reserved by RDS or PostgreSQL; not admin, rds…, pg_…, nor a reserved word of SQL"
            )
        if self.service_user is None:
            return
        if self.service_user == self.user or is_reserved_user(self.service_user):
            yield f"service_user: {self.service_user} is the master user, or reserved by RDS or PostgreSQL"
        if self.service_user_image is None or "@sha256:" not in self.service_user_image:
            yield "service_user_image: service_user needs an image with psql, named by its digest"
