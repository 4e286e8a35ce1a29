"""Whether alarms are in ALARM, and whether an operator would be notified."""

from installation.names import AUDIT_STACK, GUARDRAIL_STACK
from ops.account.caller import identify
from ops.doctor.absence import note_deleted_alarms
from ops.doctor.examiner import Examiner, examination_of
from ops.doctor.finding import Evidence, Level, Remediation
from ops.doctor.subjects import Subject
from ops.service.alarms import read_alarms
from ops.service.alert_subscriptions import Audience, read_audiences
from ops.service.ecs_service import describe_active_service
from ops.stacks.state import how_to_revert


@examination_of(Subject.ALARMS)
def examine(examiner: Examiner) -> None:
    """Check the alarms' states and the subscriptions of their topics."""
    examiner.read("alarms", lambda: _examine_alarms(examiner))
    examiner.read("the alarms of the month's stack", lambda: note_deleted_alarms(examiner))
    account = identify(examiner.aws).account
    for audience in examiner.read("subscriptions", lambda: read_audiences(examiner.aws, account)) or ():
        _audience(examiner, audience)


def _examine_alarms(examiner: Examiner) -> None:
    alarms = read_alarms(examiner.aws)
    for alarm in alarms:
        if alarm.in_alarm:
            page = examiner.settings.alarm_page(alarm.name)
            examiner.add_finding("alarm-raised", Evidence("CloudWatch", alarm.reason), alarm=alarm.name, page=page)
    _silent(examiner, tuple(alarm.name for alarm in alarms if not alarm.tells))
    if alarms and not any(alarm.in_alarm for alarm in alarms):
        examiner.healthy(f"none of {len(alarms)} alarms is in ALARM")


def _silent(examiner: Examiner, names: tuple[str, ...]) -> None:
    """Note alarms that notify nobody. A pause disables the actions of one of them until it ends.

    After an interrupted pause that nobody resumed, they stay disabled although the service runs.
    """
    if not names:
        return
    service = examiner.read("the service", lambda: describe_active_service(examiner.aws))
    running = service is not None and service.get("desiredCount") != 0
    if service is not None and not running:
        names = tuple(name for name in names if name != examiner.settings.names.no_target_alarm)
    if names:
        level: Level = "trouble" if running else "notice"
        examiner.add_finding("alarm-actions-disabled", level=level, names=", ".join(names), alarms=names)


def _audience(examiner: Examiner, audience: Audience) -> None:
    if not audience.trouble:
        examiner.healthy(f"{audience.name} is received by {', '.join(audience.confirmed)}")
        return
    if not audience.exists:
        stack = AUDIT_STACK if audience.name == examiner.settings.names.security_topic else GUARDRAIL_STACK
        who, command = how_to_revert(stack, examiner.settings.environment)
        again = Remediation(f"{who}have CloudFormation create it again", command)
        seen = Evidence("SNS", f"no topic {audience.topic}")
        examiner.add_finding("topic-deleted", seen, first=(again,), topic=audience.name, stack=stack)
        return
    waiting = audience.waiting[:1]
    # Confirmation tokens are valid for two days (SNS API reference, Subscribe).
    link = Remediation("follow the link in the e-mail of AWS Notifications, which is valid for two days")
    resend = "have SNS send that e-mail again"
    subscribe = "subscribe an address, and follow the link in the e-mail that it gets"
    examiner.add_finding(
        "alerts-unconfirmed" if audience.wanted else "alerts-unsubscribed",
        *(Evidence("subscription", f"{one.protocol} {one.endpoint}: {one.state}") for one in audience.subscriptions),
        first=(link,) if waiting else (),
        trouble=audience.trouble,
        how=f"as an administrator, {resend if waiting else subscribe}",
        topic=audience.topic,
        address=next(iter(waiting), audience.address or "ADDRESS"),
    )
