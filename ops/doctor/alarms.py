"""Whether alarms sound, and whether an operator would hear them."""

from datetime import datetime

from installation.settings import Settings
from ops.account.caller import identify
from ops.aws.clients import Aws
from ops.doctor.finding import Evidence, Notes, Remediation, section
from ops.doctor.subjects import Subject
from ops.service.alarms import read_alarms
from ops.service.alerts import Audience, read_audiences


@section(Subject.ALARMS)
def examine(notes: Notes, aws: Aws, settings: Settings, now: datetime) -> None:  # noqa: ARG001 - as all examinations
    """Look at the alarms' states and at the subscriptions of their topics."""
    notes.read("alarms", lambda: _sounding(notes, aws, settings))
    account = identify(aws).account
    for audience in notes.read("subscriptions", lambda: read_audiences(aws.sns, settings, account)) or ():
        _audience(notes, settings, audience)


def _sounding(notes: Notes, aws: Aws, settings: Settings) -> None:
    alarms = read_alarms(aws.cloudwatch, f"{settings.project}-")
    for alarm in alarms:
        if alarm.sounds:
            page = settings.alarm_page(alarm.name)
            notes.found("alarm-sounds", evidence=(Evidence("CloudWatch", alarm.reason),), alarm=alarm.name, page=page)
    if alarms and not any(alarm.sounds for alarm in alarms):
        notes.healthy(f"none of {len(alarms)} alarms sounds")


def _audience(notes: Notes, settings: Settings, audience: Audience) -> None:
    if not audience.trouble:
        notes.healthy(f"{audience.name} is heard by {', '.join(audience.confirmed)}")
        return
    again = f"aws sns subscribe --topic-arn {audience.topic} --protocol email --notification-endpoint"
    address = audience.waiting[0] if audience.waiting else audience.address or "ADDRESS"
    notes.add(
        "alerts-unconfirmed" if audience.wanted else "alerts-unheard",
        f"{audience.trouble[0].upper()}{audience.trouble[1:]}.",
        level="trouble" if audience.wanted else "notice",
        evidence=tuple(
            Evidence("subscription", f"{one.protocol} {one.endpoint}: {one.state}") for one in audience.subscriptions
        ),
        remediations=(
            # Confirmation tokens are valid for two days (SNS API reference, Subscribe).
            *(
                [Remediation("follow the link in the e-mail of AWS Notifications, which is valid for two days")]
                if audience.waiting
                else []
            ),
            Remediation(
                "as an administrator, have SNS send that e-mail again"
                if audience.waiting
                else "as an administrator, subscribe an address, and follow the link in the e-mail that it gets",
                f"{again} {address}",
            ),
            Remediation("then try it", f"hannibal alarms test --env {settings.environment}"),
        ),
    )
