"""The settings whose templates CloudFormation's permissions have to cover.

Both environments, and every option that adds resources of a type that they do not have: enabling one in a
configuration file must not need an administrator.
"""

from collections.abc import Mapping
from pathlib import Path

from installation.settings import Settings
from installation.settings.file import CONFIG_FOLDER, load_settings

_CERTIFICATE = "arn:aws:acm:{0}:123456789012:certificate/00000000-0000-0000-0000-000000000000"

_ZONE: dict[str, object] = {
    "domain": "www.example.com",
    "certificate_arn": _CERTIFICATE.format("us-east-1"),
    "hosted_zone_id": "Z0000000000000000000",
}


def variants(folder: Path = CONFIG_FOLDER) -> Mapping[str, Settings]:
    """Settings by the name of the variant, from the configuration files of a folder."""
    development = load_settings("dev", folder)
    zone = _changed(development, {"edge": _ZONE, "load_balancer": {"certificate_arn": None}})
    scheduled = _changed(
        development, {"schedule": {}, "guardrail": {"pause_at_limit": True}, "service": {"autoscaling": None}}
    )
    return {
        "dev": development,
        "prod": load_settings("prod", folder),
        "everything": with_everything(development),
        # Not with everything: they cannot be combined with autoscaling.
        "schedule": scheduled,
        # Not with everything, which has a certificate for the load balancer in its settings.
        "zone": zone,
    }


def with_everything(settings: Settings) -> Settings:
    """Settings with every option that adds resources."""
    copied_to = "us-west-2" if settings.region == "ap-northeast-3" else "ap-northeast-3"
    everything: dict[str, object] = {
        "exercises": True,
        "schedule": None,
        "network": {"egress": "nat_gateway"},
        "synthetic_check": {},
        "service": {
            "execute_command": True,
            "container_insights": "enhanced",
            "autoscaling": {"least": 1, "most": 4, "requests_per_target": 600},
        },
        "database": {
            "backup_copy": {
                "region": copied_to,
                "kms_key": f"arn:aws:kms:{copied_to}:123456789012:key/00000000-0000-0000-0000-000000000000",
            }
        },
        "load_balancer": {"certificate_arn": _CERTIFICATE.format(settings.region)},
        "guardrail": {"alert_email": "alerts@example.com", "cost_anomaly_alerts": True, "pause_at_limit": False},
        "edge": _ZONE,
    }
    return _changed(settings, everything)


def _changed(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """Settings with changed fields in their sections."""
    content = settings.model_dump()
    for section, fields in changes.items():
        content[section] = (content[section] or {}) | fields if isinstance(fields, dict) else fields
    return Settings.model_validate(content)
