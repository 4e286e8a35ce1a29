"""AWS's models, read once for all clients of a process: each session of boto3 would read them again for 0.1 seconds."""

import functools

import botocore.session
from botocore.loaders import Loader


class _Distinct(list[str]):
    """Folders that hold models: each session adds boto3's own to them."""

    def append(self, folder: str) -> None:
        if folder not in self:
            super().append(folder)


def share_models() -> None:
    """Give every session of this process the same loader of models."""
    create_loader = botocore.session.create_loader

    @functools.cache
    def shared(search_path: str | None = None) -> Loader:
        loader: Loader = create_loader(search_path)
        loader._search_paths = _Distinct(loader.search_paths)  # type: ignore[attr-defined]
        return loader

    botocore.session.create_loader = shared
