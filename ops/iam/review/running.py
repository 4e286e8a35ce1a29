"""Runs a review by the user's options: finds the policies, reads the records, compares."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ops.errors import UnusableInputError
from ops.iam.review.condition_keys import fields_of_policies
from ops.iam.review.files import Problem
from ops.iam.review.policies import Policies
from ops.iam.review.policy_sources import policies_in_files, role_in_account, role_in_templates
from ops.iam.review.query import Window, role_pattern, today
from ops.iam.review.review import Review, review
from ops.iam.review.row_merging import RowMerger
from ops.iam.review.usage import Row, newest_day, summarize

if TYPE_CHECKING:
    from ops.aws.clients import Aws
    from ops.iam.review.logs import Progress

_MOST_NAMED = 12
_UNKNOWN = Policies(source="nowhere: no policies of the role were found", identity=(), known=False)


@dataclass(frozen=True, kw_only=True)
class ReviewOptions:
    """The options of a review."""

    role: str  # name or ARN
    days: int  # length of the window
    last: date | None = None  # its last day; None: the day of the newest event of the files, or today
    logs: Path | None = None  # folder of files; None: the account's trail
    policies: tuple[Path, ...] = ()  # the role's policies as files, which are preferred to every other source
    boundary: Path | None = None  # its boundary as a file, together with these policies
    assembly: Path | None = None  # templates to read its policies from, instead of the account
    # Templates that may exist, for a role that the account does not have, or without access to the account.
    fallback: Path | None = None

    @property
    def asks_account(self) -> bool:
        """Whether the policies are to be read from the account."""
        return not self.policies and self.assembly is None

    def check(self) -> None:
        """Check the options.

        Raises:
            UnusableInputError: the role's name is invalid, the last day is too early or too late, a folder does not
                exist, or there is a boundary without policies.
        """
        role_pattern(self.role)
        if self.last:
            Window.ending(self.last, self.days)
        if self.boundary and not self.policies:
            raise UnusableInputError("--boundary goes with --policy: AWS and templates know the role's boundary")
        if self.assembly and not self.assembly.is_dir():
            raise UnusableInputError(f"{self.assembly} does not exist", "Synthesize first: `npx cdk synth --quiet`.")
        if self.logs and not self.logs.exists():
            raise UnusableInputError(f"{self.logs} does not exist", "Give a folder of CloudTrail files, or one file.")


def run(options: ReviewOptions, aws: "Aws | None", *, progress: "Progress") -> Review:
    """Run the review, with the account if it can be reached.

    Raises:
        UnusableInputError: there is no such role in any source, or no file of records.
    """
    role, policies = _policies(options, aws)
    rows, window, records, problems = _records(options, role, aws, policies, progress)
    usage = summarize(rows, window)
    if not usage.issuers and not policies.known and not policies.problems:
        others = [f"  {arn}" for arn in usage.others[:_MOST_NAMED]]
        raise UnusableInputError(
            f"there is no role {options.role}: neither in the records of the window nor where policies were looked for",
            *(["Roles that have events:", *others] if others else ["No role has events in the window."]),
            *(f"Not read: {it.file}: {it.reason}" for it in problems[:_MOST_NAMED]),
        )
    return review(options.role, window=window, records=records, usage=usage, policies=policies, problems=problems)


def _policies(options: ReviewOptions, aws: "Aws | None") -> tuple[str, Policies]:
    """The role, by its ARN if it was read from the account, and its policies from the first source that has some."""
    role, name = options.role, options.role.rpartition("/")[2]
    if options.policies:
        return role, policies_in_files(options.policies, options.boundary)
    if options.assembly:
        if policies := role_in_templates(options.assembly, name):
            return role, policies
        message = f"no template in {options.assembly} makes a role {name}"
        raise UnusableInputError(message, "See `hannibal iam review --help`.")
    if aws and (found_role := role_in_account(aws, role)):
        return found_role
    if options.fallback and (policies := role_in_templates(options.fallback, name)):
        return role, policies
    return role, _UNKNOWN


def _records(
    options: ReviewOptions, role: str, aws: "Aws | None", policies: Policies, progress: "Progress"
) -> tuple[tuple[Row, ...], Window, str, tuple[Problem, ...]]:
    from ops.iam.review.logs import merged, read_logs

    fields, merge = fields_of_policies(policies), RowMerger(policies)
    if options.logs is None:
        from ops.iam.review.athena import read_account

        if aws is None:
            raise UnusableInputError("--athena reads the account's trail, and AWS does not answer these credentials")
        window = Window.ending(options.last or today(), options.days)
        rows, records = read_account(aws, role, window, fields=fields)
        return merged(map(merge, rows)), window, records, ()
    rows, problems, files = read_logs(options.logs, role, fields=fields, merge=merge, progress=progress)
    # A folder of files is a copy of some time; later days are not in it.
    window = Window.ending(options.last or newest_day(rows) or today(), options.days)
    usable = files - sum(problem.unusable for problem in problems)
    return rows, window, f"{usable:,} of {files:,} files of {options.logs}", problems
