"""The same system with one setting changed, for the settings that change the cost most."""

from collections.abc import Mapping
from dataclasses import dataclass

from installation.settings import Settings
from installation.settings.schedule import ScheduleSettings
from ops.cost.estimation import Amounts, Estimate

AS_SET = "as set"
_OTHER_REGION = "ap-northeast-3"  # Osaka, Japan's other region
_CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("network", "egress"): ("public_ip", "nat_gateway"),
    ("service", "capacity"): ("on_demand", "spot"),
    ("service", "architecture"): ("arm64", "x86_64"),
}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The cost of one changed setting."""

    name: str  # the change, such as ``network.egress: nat_gateway``
    total: Amounts  # the system's cost with the change
    difference: Amounts  # what it adds to the cost with the present settings
    not_priced: int  # resources without a price, by which the total is too low


def variants_of(settings: Settings) -> dict[str, Settings]:
    """The present settings, then the settings with each other choice."""
    variants = {AS_SET: settings}
    for (section, field), choices in _CHOICES.items():
        for choice in choices:
            if choice != getattr(getattr(settings, section), field):
                variants[f"{section}.{field}: {choice}"] = _changed(settings, section, {field: choice})
    if settings.database.backup_copy is None:
        key = f"arn:aws:kms:{_OTHER_REGION}:123456789012:key/00000000-0000-0000-0000-000000000000"
        copy = {"region": _OTHER_REGION, "kms_key": key}
        variants[f"database.backup_copy: {_OTHER_REGION}"] = _changed(settings, "database", {"backup_copy": copy})
    if settings.schedule is None and settings.service.autoscaling is None:
        week = ScheduleSettings()
        hours = f"{week.begin} to {week.end}, {week.days[0]} to {week.days[-1]}"
        variants[f"schedule: {hours}"] = _changed(settings, "schedule", week.model_dump())
    if not settings.guardrail.pause_at_limit and settings.service.autoscaling is None:
        variants["guardrail.pause_at_limit: true"] = _changed(settings, "guardrail", {"pause_at_limit": True})
    if settings.edge.hosted_zone is None:
        certificate = "arn:aws:acm:us-east-1:123456789012:certificate/of-the-domain"
        edge = {"domain": "app.example.com", "certificate_arn": certificate, "hosted_zone_id": "Z0000000000000000000"}
        variants["edge.hosted_zone_id, for an edge that stays"] = _changed(settings, "edge", edge)
    return variants


def _changed(settings: Settings, section: str, fields: Mapping[str, object]) -> Settings:
    content = settings.model_dump()
    return Settings.model_validate(content | {section: {**(content[section] or {}), **fields}})


def compare(estimates: Mapping[str, Estimate]) -> tuple[Variant, ...]:
    """The variants by their estimates, one of which is of the present settings."""
    base = estimates[AS_SET].total
    return tuple(
        Variant(name=name, total=it.total, difference=it.total + base * -1, not_priced=len(it.not_priced))
        for name, it in estimates.items()
    )
