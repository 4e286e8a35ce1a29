"""How long things are kept: log groups, buckets, images, backups. Less is a loss of data on a date."""

import json
from collections.abc import Iterator
from math import inf

from ops.review.changes import Change, Comparison, Kind
from ops.review.concerns import Concern, Severity, Subject, about
from ops.review.values import Json, at, items, mapping, number


def retention_cut(comparison: Comparison) -> Iterator[Concern]:
    """Concerns about what is kept for a shorter time, or in a smaller number."""
    for change in comparison.changes:
        if change.kind is not Kind.CHANGED:
            continue
        for what, unit, before, after in _kept(change):
            if after < before:
                yield about(
                    change,
                    Subject.DATA,
                    Severity.RISK,
                    "retention-cut",
                    f"{what} are kept for `{_shown(after, unit)}` instead of `{_shown(before, unit)}`: what is older "
                    f"is deleted",
                )


def _kept(change: Change) -> Iterator[tuple[str, str, float, float]]:
    """What is kept, its unit, and how much of it before and after."""
    if change.type == "AWS::Logs::LogGroup":
        # Without the property a log group never forgets.
        before, after = _both(change, "RetentionInDays")
        yield "logs", "days", number(before) or inf, number(after) or inf
    elif change.type == "AWS::S3::Bucket":
        before, after = _both(change, "LifecycleConfiguration", "Rules")
        yield "objects", "days", _expiration(before), _expiration(after)
    elif change.type == "AWS::RDS::DBInstance":
        before, after = _both(change, "BackupRetentionPeriod")
        yield "backups", "days", _backup_days(before), _backup_days(after)
    elif change.type == "AWS::ECR::Repository":
        before, after = _both(change, "LifecyclePolicy", "LifecyclePolicyText")
        for kind, unit in (("imageCountMoreThan", "images"), ("sinceImagePushed", "days")):
            yield "images", unit, _images(before, kind), _images(after, kind)


def _both(change: Change, *path: str) -> tuple[Json, Json]:
    return change.before(*path), change.after(*path)


def _backup_days(value: Json) -> float:
    """RDS keeps backups for one day where nothing is said."""
    days = number(value)
    return 1 if days is None else days


def _expiration(rules: Json) -> float:
    """Days until the first rule that covers everything deletes an object; never without one."""
    days = [
        number(mapping(rule).get("ExpirationInDays"))
        for rule in items(rules)
        if at(rule, "Status") == "Enabled" and not at(rule, "TagFilters")
    ]
    return min((day for day in days if day is not None), default=inf)


def _images(policy: Json, kind: str) -> float:
    """The smallest number of a kind in a repository's lifecycle policy, which is JSON in a text."""
    if not isinstance(policy, str):
        return inf
    try:
        content: Json = json.loads(policy)
    except ValueError:
        return inf
    counts = [
        number(at(rule, "selection", "countNumber"))
        for rule in items(at(content, "rules"))
        if at(rule, "selection", "countType") == kind and at(rule, "selection", "tagStatus") != "untagged"
    ]
    return min((count for count in counts if count is not None), default=inf)


def _shown(amount: float, unit: str) -> str:
    if amount == inf:
        return "ever"
    return f"{amount:g} {unit.removesuffix('s') if amount == 1 else unit}"
