"""Copies of the database's automatic backups in another region of the account."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from installation.aws_facts.regions import ALL_REGIONS
from installation.settings.section import Section

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
            yield f"region: {self.region} is no region of AWS; such as us-west-2"
        if self.kms_key.split(":")[3] != self.region:
            yield f"kms_key: must be a key of {self.region}, where it encrypts the copies"
