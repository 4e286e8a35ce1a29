"""AWS's models, read once for all clients of a process: each session of boto3 would read them again for 0.1 seconds.

The AWS CLI has a loader of its own, because it looks for models in a folder more; they share what they have read.
"""

import copy
import functools
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.loaders import JSONFileLoader, Loader


class _Distinct(list[str]):
    """Folders that hold models: each session adds boto3's own to them."""

    def append(self, folder: str) -> None:
        if folder not in self:
            super().append(folder)


def _apart(load: Callable[..., Any]) -> Callable[..., Any]:
    """Give each client of S3 a model of its own: botocore takes the bucket out of its operations' paths, in place."""

    def load_service_model(service_name: str, *rest: Any, **options: Any) -> Any:
        model = load(service_name, *rest, **options)
        return copy.deepcopy(model) if service_name == "s3" else model

    return load_service_model


def share_models() -> None:
    """Give every session of this process the same loader of models, and have each file read once."""
    create_loader = botocore.session.create_loader
    read = functools.cache(JSONFileLoader().load_file)
    # A method for the length of this process, which mypy forbids.
    JSONFileLoader.load_file = lambda _, file_path: read(file_path)  # type: ignore[method-assign,assignment]

    @functools.cache
    def shared(search_path: str | None = None) -> Loader:
        loader: Loader = create_loader(search_path)
        loader._search_paths = _Distinct(loader.search_paths)  # type: ignore[attr-defined]
        loader.load_service_model = _apart(loader.load_service_model)  # type: ignore[method-assign]
        return loader

    botocore.session.create_loader = shared
