"""Permissions for DNS in the settings' zone: address records of their names, and the validation record of one name.

They are in no generated policy. Whoever may change any record of a zone can get certificates for its names, and
receive its mail; so an administrator grants them, for these names, by deploying IdentityStack with the settings.
Without a zone there are none. The statements are in ``domain_records.yaml``.
"""

from collections.abc import Sequence
from typing import Final

from installation.permissions.statement_files import read_statements
from installation.permissions.statements import Arns, Statement

_STATEMENTS: Final = read_statements("domain_records.yaml")


def change_records(arns: Arns) -> Sequence[Statement]:
    """Create, change and delete address records of the installation's names, and see when a change is complete."""
    return _of_zone("change_records", arns)


def domain_ceiling(arns: Arns, *, proof: bool = False) -> Sequence[Statement]:
    """The same for a boundary, with ``proof`` also the type of the records by which ACM validates a name."""
    return _of_zone("ceiling_with_proof" if proof else "ceiling", arns)


def read_zone(arns: Arns) -> Sequence[Statement]:
    """Read whether the zone of the settings is this account's, before anything is deployed."""
    return _of_zone("read_zone", arns)


def _of_zone(purpose: str, arns: Arns) -> Sequence[Statement]:
    return _STATEMENTS[purpose](arns) if arns.hosted_zone else ()
