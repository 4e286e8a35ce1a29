"""The same system with one setting changed, for the decisions that move the bill."""

from collections.abc import Mapping
from dataclasses import dataclass

from installation.settings import Settings
from installation.settings.schedule import ScheduleSettings
from ops.cost.estimation import Amounts, Estimate

AS_SET = "as set"
_OTHER_REGION = "ap-northeast-3"  # Osaka, the other one of the country
_CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("network", "egress"): ("public_ip", "nat_gateway"),
    ("service", "capacity"): ("on_demand", "spot"),
    ("service", "architecture"): ("arm64", "x86_64"),
}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What one change costs."""

    name: str  # the change, such as ``network.egress: nat_gateway``
    total: Amounts  # what the system costs with it
    difference: Amounts  # what it adds to the system as it is set
    not_priced: int  # resources without a price; a total with some is too low


def variants_of(settings: Settings) -> dict[str, Settings]:
    """The settings as they are, then with every other choice for each of the decisions."""
    content = settings.model_dump()
    found = {AS_SET: settings}
    for (section, field), choices in _CHOICES.items():
        for choice in choices:
            if choice != content[section][field]:
                changed = {**content, section: {**content[section], field: choice}}
                found[f"{section}.{field}: {choice}"] = Settings.model_validate(changed)
    if settings.database.backup_copy is None:
        key = f"arn:aws:kms:{_OTHER_REGION}:123456789012:key/00000000-0000-0000-0000-000000000000"
        copy = {"backup_copy": {"region": _OTHER_REGION, "kms_key": key}}
        name = f"database.backup_copy: {_OTHER_REGION}"
        found[name] = Settings.model_validate(content | {"database": content["database"] | copy})
    if settings.schedule is None and settings.service.autoscaling is None:
        week = ScheduleSettings()
        hours = f"{week.begin} to {week.end}, {week.days[0]} to {week.days[-1]}"
        found[f"schedule: {hours}"] = Settings.model_validate(content | {"schedule": week.model_dump()})
    if not settings.guardrail.pause_at_limit and settings.service.autoscaling is None:
        acting = content["guardrail"] | {"pause_at_limit": True}
        found["guardrail.pause_at_limit: true"] = Settings.model_validate(content | {"guardrail": acting})
    if settings.edge.hosted_zone is None:
        edge = content["edge"] | {"domain": "app.example.com", "hosted_zone_id": "Z0000000000000000000"}
        edge["certificate_arn"] = "arn:aws:acm:us-east-1:123456789012:certificate/of-the-domain"
        found["edge.hosted_zone_id, for an edge that stays"] = Settings.model_validate(content | {"edge": edge})
    return found


def compare(estimates: Mapping[str, Estimate]) -> tuple[Variant, ...]:
    """Put estimates side by side; one of them is of the system as it is set."""
    base = estimates[AS_SET].total
    return tuple(
        Variant(
            name=name,
            total=estimate.total,
            difference=estimate.total + base * -1,
            not_priced=len(estimate.not_priced),
        )
        for name, estimate in estimates.items()
    )
