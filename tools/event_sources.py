"""`make event-sources`: which prefix of permissions an event's source stands for, from botocore's service models.

CloudTrail writes a service's endpoint as the source. Where IAM's prefix is another one, botocore knows it as the name
that requests are signed with, or as the name of the service.
"""

from pathlib import Path
from typing import Final

import yaml
from botocore.loaders import Loader

from ops.iam.review import catalogue

FILE: Final = Path(__file__).resolve().parents[1] / "ops" / "iam" / "review" / "data" / "sources.yaml"
_HEAD: Final = (
    "# Sources of CloudTrail events whose permissions have another prefix. Written by `make event-sources`.\n"
)


def sources() -> dict[str, str]:
    """Prefixes by source, where they differ and one of botocore's names is a prefix of IAM's."""
    loader = Loader()
    known = set(catalogue.services())
    found: dict[str, str] = {}
    for service in loader.list_available_services("service-2"):
        metadata = loader.load_service_model(service, "service-2")["metadata"]
        source = str(metadata["endpointPrefix"]).lower()
        names = (str(metadata.get("signingName", "")).lower(), service.lower())
        prefix = next((name for name in names if name in known), "")
        if source not in known and prefix:
            found.setdefault(source, prefix)
    return dict(sorted(found.items()))


def text() -> str:
    """The file."""
    return _HEAD + yaml.safe_dump(sources())


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
