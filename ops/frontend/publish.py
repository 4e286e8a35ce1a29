"""Publishes a built frontend: plan and execution."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Final, TypeVar

from ops.aws.clients import Aws
from ops.frontend.bucket import (
    Prepared,
    Stored,
    delete_files,
    find_stored,
    prepare,
    put,
    read_bucket,
    require_unchanged,
)
from ops.frontend.headers import cache_control, content_type
from ops.frontend.lock import publication_lock
from ops.frontend.page_checks import check_pages
from ops.frontend.page_files import read_folder
from ops.frontend.plan import PublishPlan, plan_publication, publish_order
from ops.frontend.publication import (
    Publication,
    PublishedFile,
    key_of,
    moment_after,
    new_id,
    read_publications,
    record,
)
from ops.frontend.target import Observer, Result, Target, invalidate_paths, read_target

_AT_ONCE: Final = 8

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Publishing:
    """A planned publication."""

    target: Target  # bucket and distribution
    plan: PublishPlan  # the plan
    stored: Mapping[str, Stored]  # the bucket's files at the time of the plan
    publications: tuple[Publication, ...]  # all earlier ones, the newest first
    left_out: tuple[str, ...]  # files of the folder that are not published
    warnings: tuple[str, ...]  # warnings about the pages


def plan_publishing(aws: Aws, folder: Path) -> Publishing:
    """Plan a publication from a folder and the bucket. Changes nothing.

    Raises:
        UnusableInputError: the folder is no built frontend, or a file of it cannot be read.
        RefusedError: wrong account, no bucket, or a file that must not change has changed.
    """
    edge = aws.settings.edge
    build = read_folder(folder)
    warnings = check_pages(build.files, edge.policy_text, edge.api_paths)
    target = read_target(aws)
    prepared = tuple(prepare(file, content_type(file.key), cache_control(file.key, edge)) for file in build.files)
    publications = read_publications(aws, target.bucket)
    stored = read_bucket(aws, target.bucket)
    plan = plan_publication(prepared, stored, publications, now=datetime.now(UTC))
    return Publishing(
        target=target,
        plan=plan,
        stored=stored,
        publications=publications,
        left_out=build.left_out,
        warnings=warnings,
    )


def publish(aws: Aws, planned: Publishing, *, note: str = "", observe: Observer = lambda *_: None) -> Result:
    """Execute a plan: new files first, pages last, then the invalidation, then the record.

    It can be interrupted at any time and repeated: files in the bucket are not sent again, and the pages that users see
    stay complete, because pages that refer to new files are sent last.

    Raises:
        RefusedError: another caller is publishing, or has published since the plan.
        FailedError: a file changed meanwhile, or S3 refused one.
    """
    target, plan = planned.target, planned.plan
    with publication_lock(aws, target.bucket, target.caller.identity) as renew:
        require_unchanged(aws, target.bucket, planned.stored)
        stored = list(_run_in_parallel(lambda one: find_stored(aws, target.bucket, one), plan.doubtful))
        missing = [one for one, entry in zip(plan.doubtful, stored, strict=True) if entry is None]
        uploaded = _send(aws, target.bucket, [*plan.send, *missing], observe, renew)
        delete_files(aws, target.bucket, plan.unused)
        # Before the record: after an interruption in between, a repetition still finds the paths to invalidate.
        invalidation = invalidate_paths(aws, target, plan.invalidate)
        files = [*plan.known, *(one for one in stored if one), *uploaded]
        published = moment_after(next(iter(planned.publications), None))
        publication = Publication(
            id=new_id(published),
            published=published,
            published_by=target.caller.identity,
            note=note,
            invalidation=invalidation or "",
            files=tuple(sorted(files, key=lambda file: file.key)),
        )
        record(aws, target.bucket, publication)
        delete_files(aws, target.bucket, [key_of(one) for one in plan.outdated])
    return Result(publication=publication, sent=len(uploaded), removed=len(plan.unused), invalidation=invalidation)


def _send(
    aws: Aws, bucket: str, files: Sequence[Prepared], observe: Observer, renew: Callable[[], None]
) -> list[PublishedFile]:
    """Send files in parallel, but each only after all files that it may refer to."""

    def stage(one: Prepared) -> int:
        return publish_order(one.key, one.headers.cache_control)[0]

    uploaded: list[PublishedFile] = []
    for _, group in groupby(sorted(files, key=stage), key=stage):
        for file in _run_in_parallel(lambda one: put(aws, bucket, one), list(group)):
            uploaded.append(file)
            observe(len(uploaded), len(files), file.key)
            renew()
    return uploaded


def _run_in_parallel(work: Callable[[Prepared], T], items: Sequence[Prepared]) -> Iterable[T]:
    """Apply a function to all items in parallel; results are in their order, and the first error ends it."""
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()
