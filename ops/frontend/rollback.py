"""Restores an earlier publication: plan and execution."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from ops.aws.clients import Aws
from ops.aws.errors import status_of, with_advice
from ops.errors import RefusedError
from ops.frontend.bucket import Stored, read_bucket, require_unchanged, restore_version
from ops.frontend.invalidation import EVERYTHING
from ops.frontend.lock import locked_since, publication_lock
from ops.frontend.plan import paths_to_invalidate, publish_order
from ops.frontend.publication import (
    KEPT,
    Publication,
    PublishedFile,
    find,
    key_of,
    moment_after,
    new_id,
    read_publications,
    record,
)
from ops.frontend.target import Observer, Result, Target, invalidate_paths, read_target

_NOT_THERE: Final = (400, 404)  # S3's answers to HEAD for a missing version


@dataclass(frozen=True, kw_only=True)
class Rollback:
    """A planned rollback."""

    target: Target  # bucket and distribution
    wanted: Publication  # the publication to restore
    newest: Publication  # the current one
    copy: tuple[PublishedFile, ...]  # its files that the bucket lacks, or has with other content, in order
    same: tuple[PublishedFile, ...]  # its files that the bucket has
    stored: Mapping[str, Stored]  # what the bucket had then
    invalidate: tuple[str, ...]  # paths that CloudFront invalidates


def plan_rollback(aws: Aws, identifier: str | None) -> Rollback:
    """Plan a rollback to a publication by the beginning of its id; None is the newest with other content.

    Changes nothing.

    Raises:
        RefusedError: there is no such publication, the bucket has lost a version of its files, or none is named and
            the last rollback has ended after its record.
    """
    target = read_target(aws)
    publications = read_publications(aws, target.bucket)
    if identifier is None and publications:
        _refuse_repeated_rollback(aws, target.bucket, publications[0])
    stored = read_bucket(aws, target.bucket)
    current = publications[0].by_key() if publications else {}
    intact = not any(_differs(file, file, stored) for file in current.values())
    publication = find(publications, identifier, intact=intact)
    copy = [file for file in publication.files if _differs(file, current.get(file.key), stored)]
    for file in copy:
        _check_version(aws, target.bucket, file)
    names = {file.key for file in copy}
    # Also files that an interrupted rollback has copied: CloudFront may still have the earlier ones.
    changed = [it.key for it in publication.files if it.key in names or _etag(it) != _etag(current.get(it.key))]
    is_current = publication is publications[0]
    return Rollback(
        target=target,
        wanted=publication,
        newest=publications[0],
        copy=tuple(sorted(copy, key=lambda file: publish_order(file.key, file.cache_control))),
        same=tuple(file for file in publication.files if file.key not in names),
        stored=stored,
        invalidate=EVERYTHING if is_current else paths_to_invalidate(changed),
    )


def roll_back(aws: Aws, planned: Rollback, *, observe: Observer = lambda *_: None) -> Result:
    """Execute a rollback: the publication's files become current, assets first, pages last.

    Raises:
        RefusedError: another caller is publishing, or has published since it was planned.
    """
    target = planned.target
    with publication_lock(aws, target.bucket, target.caller.identity) as renew:
        require_unchanged(aws, target.bucket, planned.stored)
        copied: list[PublishedFile] = []
        for file in planned.copy:
            copied.append(restore_version(aws, target.bucket, file))
            observe(len(copied), len(planned.copy), file.key)
            renew()
        invalidation = invalidate_paths(aws, target, planned.invalidate)
        published = moment_after(planned.newest)
        publication = planned.wanted.model_copy(
            update={
                "id": new_id(published),
                "published": published,
                "published_by": target.caller.identity,
                "rollback_of": planned.wanted.id,
                "invalidation": invalidation or "",
                "files": tuple(sorted([*planned.same, *copied], key=lambda file: file.key)),
            }
        )
        with with_advice("It may be recorded all the same: see `hannibal frontend list` before you run it again."):
            record(aws, target.bucket, publication)
    return Result(publication=publication, sent=len(copied), removed=0, invalidation=invalidation)


def _refuse_repeated_rollback(aws: Aws, bucket: str, current: Publication) -> None:
    """Refuse where a rollback was killed after its record: repeated, it would go back once more.

    A killed rollback leaves its lock, which is not newer than the record.
    """
    locked = locked_since(aws, bucket) if current.rollback_of else None
    if locked and locked <= aws.s3.head_object(Bucket=bucket, Key=key_of(current.id))["LastModified"]:
        raise RefusedError(
            f"a rollback to {current.rollback_of} was ended after it had done all: users see that publication",
            "To show another one, name it: `hannibal frontend rollback --to ID`, of `hannibal frontend list`.",
        )


def _differs(file: PublishedFile, current: PublishedFile | None, stored: Mapping[str, Stored]) -> bool:
    entry = stored.get(file.key)
    if entry is None or entry.etag != file.etag:
        return True
    return current is not None and current.headers != file.headers


def _etag(file: PublishedFile | None) -> str:
    return file.etag if file is not None else ""


def _check_version(aws: Aws, bucket: str, file: PublishedFile) -> None:
    try:
        aws.s3.head_object(Bucket=bucket, Key=file.key, VersionId=file.version_id)
    except ClientError as error:
        if status_of(error) not in _NOT_THERE:
            raise
        raise RefusedError(
            f"{file.key} of that publication is gone: the bucket keeps replaced files for {KEPT.days} days",
            "Build that commit again, and publish it.",
        ) from error
