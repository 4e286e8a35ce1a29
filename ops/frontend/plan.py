"""Plans a publication: files to send and their order, files to delete, paths to invalidate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from ops.errors import RefusedError
from ops.frontend.bucket import Prepared, Stored
from ops.frontend.headers import IMMUTABLE, is_page
from ops.frontend.invalidation import EVERYTHING
from ops.frontend.page_files import INDEX
from ops.frontend.publication import KEPT, Publication, PublishedFile, replaced_at

# Each path counts, and a thousand per month are free (CloudFront pricing, invalidation requests).
_MOST_PATHS: Final = 50


@dataclass(frozen=True, kw_only=True)
class PublishPlan:
    """The plan of a publication."""

    # Files that the bucket lacks, or has with other content or headers, in the order of sending.
    send: tuple[Prepared, ...]
    known: tuple[PublishedFile, ...]  # files that an earlier publication recorded and that are in the bucket unchanged
    # Files in the bucket that the last publication did not record, for example after an interruption.
    doubtful: tuple[Prepared, ...]
    unused: tuple[str, ...]  # files of no recent publication, to be deleted
    outdated: tuple[str, ...]  # ids of publications that cannot be rolled back to any more, to be deleted
    invalidate: tuple[str, ...]  # paths that CloudFront invalidates

    @property
    def changes_nothing(self) -> bool:
        """Whether the folder is already published."""
        return not (self.send or self.doubtful or self.unused)


def plan_publication(
    prepared: tuple[Prepared, ...],
    stored: Mapping[str, Stored],
    publications: tuple[Publication, ...],
    *,
    now: datetime,
) -> PublishPlan:
    """Compare a folder with the bucket; files that no publication has used for 30 days are deleted.

    Raises:
        RefusedError: a file that browsers cache for a year has new content under the same name.
    """
    records = publications[0].by_key() if publications else {}
    send: list[Prepared] = []
    published_before: list[PublishedFile] = []
    doubtful: list[Prepared] = []
    for file in prepared:
        entry, record = stored.get(file.key), records.get(file.key)
        if entry is None or entry.etag != file.etag:
            _check_immutable(file, record)
            send.append(file)
        elif record is None or record.etag != entry.etag:
            doubtful.append(file)
        elif file.headers == record.headers:
            published_before.append(record)
        else:
            send.append(file)
    unused, outdated = _unused_files({file.key for file in prepared}, stored, publications, now)
    return PublishPlan(
        send=tuple(sorted(send, key=lambda file: publish_order(file.key, file.headers.cache_control))),
        known=tuple(published_before),
        doubtful=tuple(doubtful),
        unused=unused,
        outdated=outdated,
        invalidate=paths_to_invalidate([*(file.key for file in (*send, *doubtful) if file.key in stored), *unused]),
    )


def publish_order(key: str, cache_control: str) -> tuple[int, str]:
    """The order of publishing: referenced files first, pages later, the start page last."""
    if key == INDEX:
        return 3, key
    if is_page(key):
        return 2, key
    return (0 if cache_control == IMMUTABLE else 1), key


def paths_to_invalidate(keys: list[str]) -> tuple[str, ...]:
    """The paths of changed files, as an invalidation names them; ``/*`` where that is shorter."""
    paths = {f"/{quote(key)}" for key in keys}
    if f"/{INDEX}" in paths:
        paths.add("/")
    return EVERYTHING if len(paths) > _MOST_PATHS else tuple(sorted(paths))


def _check_immutable(file: Prepared, record: PublishedFile | None) -> None:
    if record is None or record.cache_control != IMMUTABLE or file.headers.cache_control != IMMUTABLE:
        return
    if record.sha256 != file.file.sha256:
        raise RefusedError(
            f"{file.key} has another content than before, and browsers keep what has this name for a year",
            f"If its name carries no hash of its content, say so in the settings: edge.mutable_paths: [/{file.key}]",
            "Otherwise the build is not the same for the same input; rename the file.",
        )


def _unused_files(
    names: set[str], stored: Mapping[str, Stored], publications: tuple[Publication, ...], now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find files and records that were not used for some time; the current publication counts as used until now."""
    replaced = replaced_at(publications)
    used_until: dict[str, datetime] = {}
    for publication in publications:
        until = replaced[publication.id] or now
        for file in publication.files:
            used_until[file.key] = max(until, used_until.get(file.key, until))
    unused = [
        key for key, entry in stored.items() if key not in names and now - used_until.get(key, entry.modified) >= KEPT
    ]
    outdated = [one.id for one in publications if now - (replaced[one.id] or now) > KEPT]
    return tuple(sorted(unused)), tuple(outdated)
