"""Whether the account keeps a stolen pipeline from permissions and evidence."""

from datetime import datetime

from installation.settings import Settings
from ops.account.caller import identify
from ops.account.github_subject import check_subject
from ops.account.safeguards import checks, is_limited
from ops.aws.clients import Aws
from ops.doctor.finding import Evidence, Notes, Remediation, section
from ops.doctor.subjects import Subject
from ops.stacks.state import read_stacks


@section(Subject.ACCOUNT)
def examine(notes: Notes, aws: Aws, settings: Settings, now: datetime) -> None:  # noqa: ARG001 - as all examinations
    """Look at the bootstrap's roles, whom they trust, the protection of stacks, and what records calls."""
    caller = identify(aws)
    stacks = notes.read("stacks", lambda: read_stacks(aws.cloudformation))
    limited = notes.read("the bootstrap", lambda: is_limited(aws, caller))
    if limited is False:
        notes.healthy(
            "the embedded AWS was prepared by `cdk bootstrap`, which limits nobody; `hannibal bootstrap` does it as in "
            "an account"
        )
    found = 0
    for check in checks(aws, settings, caller, stacks or {}, limited=bool(limited)):
        for gap in notes.read(check.what, check.gaps) or ():
            found += 1
            notes.add(
                gap.cause,
                gap.summary,
                evidence=tuple(Evidence(source, text) for source, text in gap.seen),
                remediations=(Remediation("as an administrator", gap.command),),
            )
    if caller.endpoint is None:
        _subject(notes, settings)
    if stacks and not found:
        notes.healthy("limits, protection and evidence are as an administrator left them, as far as looked at")


def _subject(notes: Notes, settings: Settings) -> None:
    check = check_subject(settings)
    if check.unknown:
        notes.skip(f"what the tokens of GitHub's jobs are called: {check.unknown}")
    if check.mismatch:
        notes.found("github-subject", mismatch=check.mismatch[0].upper() + check.mismatch[1:])
