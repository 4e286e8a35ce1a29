"""`make event-sources`: facts about CloudTrail events from botocore's service models.

First, the IAM prefix for an event's source: CloudTrail writes a service's endpoint as the source. Where IAM's prefix
differs, botocore has it as the service's signing name or as the service's name.

Second, which permissions are recorded calls of services whose documentation the catalogue of actions does not link.
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
RECORDED: Final = FILE.with_name("recorded.yaml")
_RECORDED_HEAD: Final = (
    "# Permissions that are calls and recorded as management events: of services whose calls all are recorded (their\n"
    '# guides, "Logging API calls with CloudTrail") and whose pages the catalogue does not link.\n'
    "# Written by `make event-sources`.\n"
)
# IAM prefix by botocore's name of the service.
_ALL_RECORDED: Final = {
    **{name: name for name in ("dms", "glue", "kafka", "macie2", "medialive", "mq", "redshift")},
    "emr": "elasticmapreduce",
}


def sources() -> dict[str, str]:
    """IAM prefixes by source, where they differ and botocore has the prefix as a name."""
    loader = Loader()
    services = set(catalogue.services())
    prefixes: dict[str, str] = {}
    for service in loader.list_available_services("service-2"):
        metadata = loader.load_service_model(service, "service-2")["metadata"]
        source = str(metadata["endpointPrefix"]).lower()
        names = (str(metadata.get("signingName", "")).lower(), service.lower())
        prefix = next((name for name in names if name in services), "")
        if source not in services and prefix:
            prefixes.setdefault(source, prefix)
    return dict(sorted(prefixes.items()))


def text() -> str:
    """The content of the file for sources."""
    return _HEAD + yaml.safe_dump(sources())


def recorded() -> dict[str, list[str]]:
    """Names of the recorded permissions by IAM prefix."""
    loader = Loader()
    found: dict[str, list[str]] = {}
    for service, prefix in _ALL_RECORDED.items():
        operations = loader.load_service_model(service, "service-2")["operations"]
        actions = (catalogue.find(prefix, name) for name in operations)
        found[prefix] = sorted(it.partition(":")[2] for it in actions if it and not catalogue.is_call(it))
    return found


def recorded_text() -> str:
    """The content of the file for recorded permissions."""
    return _RECORDED_HEAD + yaml.safe_dump(recorded(), default_flow_style=None, width=130)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    RECORDED.write_text(recorded_text(), encoding="utf-8")
