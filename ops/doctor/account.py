"""Whether the account protects permissions and audit logs from the pipeline's credentials."""

from ops.account.caller import identify
from ops.account.github_subject import check_subject
from ops.account.safeguards import checks, is_limited
from ops.doctor.examiner import Examiner, examination_of
from ops.doctor.finding import Evidence, Remediation
from ops.doctor.subjects import Subject
from ops.stacks.state import read_stacks


@examination_of(Subject.ACCOUNT)
def examine(examiner: Examiner) -> None:
    """Check the bootstrap's roles and their trust, the protection of stacks, and what records API calls."""
    aws = examiner.aws
    caller = identify(aws)
    stacks = examiner.read("stacks", lambda: read_stacks(aws))
    limited = examiner.read("the bootstrap", lambda: is_limited(aws, caller))
    if limited is False:
        examiner.healthy(
            "the pipeline is not limited: the embedded AWS needs no `hannibal bootstrap`, which would limit it as in "
            "an account"
        )
    count = 0
    for check in checks(aws, caller, stacks or {}, limited=bool(limited)):
        for gap in examiner.read(check.what, check.gaps) or ():
            count += 1
            examiner.add(
                gap.cause,
                gap.summary,
                *(Evidence(source, text) for source, text in gap.seen),
                remediations=(Remediation("as an administrator", gap.command),),
            )
    if caller.endpoint is None:
        _subject(examiner)
    if stacks and not count:
        examiner.healthy("no change of limits, protection or evidence was found since an administrator deployed them")


def _subject(examiner: Examiner) -> None:
    check = check_subject(examiner.settings)
    if check.unknown:
        examiner.skip(f"what the tokens of GitHub's jobs are called: {check.unknown}")
    if check.mismatch:
        examiner.add_finding("github-subject", mismatch=check.mismatch[0].upper() + check.mismatch[1:])
