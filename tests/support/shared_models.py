"""Reads AWS's models once for all clients of a process: otherwise each session of boto3 would need 0.1 seconds.

The AWS CLI has its own loader, because it searches one more folder for models; both loaders share what they read.
"""

import copy
import functools
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.loaders import JSONFileLoader, Loader


class _Distinct(list[str]):
    """A list of folders with models without duplicates: each session adds boto3's folder."""

    def append(self, folder: str) -> None:
        if folder not in self:
            super().append(folder)


def _apart(load: Callable[..., Any]) -> Callable[..., Any]:
    """Give each S3 client its own model, because botocore removes the bucket from the paths in the model itself."""

    def load_service_model(service_name: str, *rest: Any, **options: Any) -> Any:
        model = load(service_name, *rest, **options)
        return copy.deepcopy(model) if service_name == "s3" else model

    return load_service_model


def share_models() -> None:
    """Make all sessions of this process share a loader of models, which reads each file once."""
    create_loader = botocore.session.create_loader
    read = functools.cache(JSONFileLoader().load_file)
    # Replaces a method for this process, which mypy forbids.
    JSONFileLoader.load_file = lambda _, file_path: read(file_path)  # type: ignore[method-assign,assignment]

    # Each client looks for the aliases of its events anew, which takes a seventh of its creation.
    alias = functools.cache(EventAliaser(HierarchicalEmitter())._alias_event_name)  # type: ignore[attr-defined]
    EventAliaser._alias_event_name = lambda _, event_name: alias(event_name)  # type: ignore[attr-defined]

    @functools.cache
    def shared(search_path: str | None = None) -> Loader:
        loader: Loader = create_loader(search_path)
        loader._search_paths = _Distinct(loader.search_paths)  # type: ignore[attr-defined]
        loader.load_service_model = _apart(loader.load_service_model)  # type: ignore[method-assign]
        return loader

    botocore.session.create_loader = shared
