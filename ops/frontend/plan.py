"""Plans a publication: files to send and their order, files to delete, paths to invalidate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    def send_bytes(self) -> int:
        """The number of bytes to send."""
        return sum(prepared.size for prepared in self.send)

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
    keep: timedelta,
) -> PublishPlan:
    """Compare a folder with the bucket; files that no publication has used for longer than ``keep`` are deleted.

    Raises:
        RefusedError: a file that browsers cache for a year has new content under the same name.
    """
    recorded = publications[0].by_key() if publications else {}
    send: list[Prepared] = []
    known: list[PublishedFile] = []
    doubtful: list[Prepared] = []
    for one in prepared:
        entry, record = stored.get(one.file.key), recorded.get(one.file.key)
        if entry is None or entry.etag != one.etag:
            _check_immutable(one, recorded.get(one.file.key))
            send.append(one)
        elif record is None or record.etag != entry.etag:
            doubtful.append(one)
        elif one.headers == record.headers:
            known.append(record)
        else:
            send.append(one)
    unused, outdated = _unused_files({one.file.key for one in prepared}, stored, publications, now, keep)
    return PublishPlan(
        send=tuple(sorted(send, key=lambda one: publish_order(one.file.key, one.headers.cache_control))),
        known=tuple(known),
        doubtful=tuple(doubtful),
        unused=unused,
        outdated=outdated,
        invalidate=paths_to_invalidate(
            [*(one.file.key for one in (*send, *doubtful) if one.file.key in stored), *unused]
        ),
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


def _check_immutable(one: Prepared, record: PublishedFile | None) -> None:
    if record is None or record.cache_control != IMMUTABLE or one.headers.cache_control != IMMUTABLE:
        return
    if record.sha256 != one.file.sha256:
        raise RefusedError(
            f"{one.file.key} has another content than before, and browsers keep what has this name for a year",
            "If its name carries no hash of its content, say so in the settings: "
            f"edge.mutable_paths: [/{one.file.key}]",
            "Otherwise the build is not the same for the same input; rename the file.",
        )


def _unused_files(
    names: set[str], stored: Mapping[str, Stored], publications: tuple[Publication, ...], now: datetime, keep: timedelta
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find files and records that were not used for some time; the current publication counts as used until now."""
    replaced = replaced_at(publications)
    used_until: dict[str, datetime] = {}
    for publication in publications:
        until = replaced[publication.id] or now
        for file in publication.files:
            used_until[file.key] = max(until, used_until.get(file.key, until))
    unused = [
        key for key, entry in stored.items() if key not in names and now - used_until.get(key, entry.modified) >= keep
    ]
    outdated = [one.id for one in publications if now - (replaced[one.id] or now) > KEPT]
    return tuple(sorted(unused)), tuple(outdated)
