"""The settings whose templates the permissions cover, from a configuration that has options on already."""

import pytest

from installation.settings import Settings
from ops.iam import variants
from tests.support.synthesis import changed

_DOMAIN = {"domain": "app.example.com", "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/edge"}


@pytest.mark.parametrize(
    "options",
    [
        {"service": {"autoscaling": {"least": 1, "most": 2, "cpu_percent": 50}}},
        {"schedule": {}},
        {"guardrail": {"pause_at_limit": True}},
        {
            "edge": _DOMAIN,
            "load_balancer": {"certificate_arn": "arn:aws:acm:ap-northeast-1:123456789012:certificate/own"},
        },
        {"edge": {**_DOMAIN, "hosted_zone_id": "Z0123456789"}},
    ],
    ids="+".join,
)
def test_options_that_the_configuration_has_on_go_with_every_variant(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, options: dict[str, dict[str, object]]
) -> None:
    configured = changed(settings, **options)
    monkeypatch.setattr(variants, "load_settings", lambda *_: configured)

    made = variants.variants()

    assert made["dev"] == configured
    assert made["everything"].service.autoscaling is not None
    assert made["schedule"].schedule is not None
    assert made["zone"].edge.hosted_zone is not None
