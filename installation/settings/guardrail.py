"""The section `guardrail` of a configuration file."""

from pydantic import Field

from installation.settings.section import Section


class GuardrailSettings(Section):
    """What watches the bill and tells people."""

    alert_email: str | None = Field(default=None, pattern=r"^[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+$")
    """Address that alarms and budget write to, after it has confirmed once; none: subscribe by hand."""
    monthly_budget_usd: int = Field(default=50, ge=1, le=1_000_000)
    """Monthly budget in US dollars."""
    actual_percent: int = Field(default=80, ge=1, le=1000)
    """Share of the budget spent that sends a warning before it is gone."""
    pause_at_limit: bool = False
    """Whether the month is paused when the budget is spent; `hannibal resume` goes on (decision record 43)."""
    cost_anomaly_alerts: bool = False
    """Off, because an account may have one services monitor only, and newer accounts come with it."""
