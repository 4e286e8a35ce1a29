"""The section `guardrail` of a configuration file."""

from pydantic import Field

from installation.settings.section import Section


class GuardrailSettings(Section):
    """What monitors the bill and notifies people."""

    alert_email: str | None = Field(default=None, pattern=r"^[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+$")
    """Address that receives alarms and budget messages, after it has confirmed the subscription; none: subscribe by
    hand."""
    monthly_budget_usd: int = Field(default=50, ge=1, le=1_000_000)
    """Monthly budget in US dollars."""
    actual_percent: int = Field(default=80, ge=1, le=1000)
    """Percentage of the budget at which a warning is sent."""
    pause_at_limit: bool = False
    """Whether the month is paused when the budget is spent; `hannibal resume` goes on (decision record 43)."""
    cost_anomaly_alerts: bool = False
    """Off by default, because an account may have only one monitor for services, and newer accounts already have it."""
