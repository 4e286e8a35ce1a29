"""The names in the emulator's code that these extensions use: requests, services, saved state."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

from ministack import app
from ministack.core import persistence, responses, router

from embedded_aws.core.patching import EmulatorFunction, Response

Answer = Awaitable[Response | None]

# The modules of services by the names of their state files.
service_modules: dict[str, str] = app._state_map

# The handlers of a request, in this order; the first answer ends the processing.
handle_before_body = EmulatorFunction[Answer](app, "_handle_pre_body_request")
handle_shortcuts = EmulatorFunction[Answer](app, "_handle_post_body_shortcuts")
handle_data_plane = EmulatorFunction[Answer](app, "_handle_special_data_plane_request")
dispatch = EmulatorFunction[Awaitable[Response]](app, "_dispatch_service_request")

ask_distribution = EmulatorFunction[Answer](app, "_handle_cloudfront_dataplane_request")
called_resources = EmulatorFunction[list[dict[str, str]]](app, "_ct_resources")
distribution_of_host = EmulatorFunction[str | None](app, "_parse_cloudfront_dataplane_host")
is_registry_path = EmulatorFunction[bool](app, "_is_ecr_registry_path")  # of Docker's protocol
import_service = EmulatorFunction[ModuleType](app, "_get_module")
is_service_name = EmulatorFunction[bool](router, "_is_aws_service_name")
record_call = EmulatorFunction[None](app, "_maybe_record_cloudtrail")

decode_object: Callable[[dict[str, Any]], Any] = persistence._json_object_hook
encode_object: Callable[[Any], Any] = persistence._json_default
scope = EmulatorFunction[AbstractContextManager[None]](responses, "request_scope")  # of an account and a region
state_format = EmulatorFunction[Any](persistence, "_state_format_version")


def loop() -> asyncio.AbstractEventLoop:
    """The loop that answers requests."""
    running: asyncio.AbstractEventLoop = app._MAIN_LOOP
    return running


def use_loop(running: asyncio.AbstractEventLoop) -> None:
    """Set the loop that answers requests."""
    app._MAIN_LOOP = running


def leave_state_alone() -> None:
    """Stop the emulator from loading and saving state: these extensions do it, and refuse corrupt files."""
    app._load_persisted_state = lambda: None
    app.save_all = lambda _services: None


def log_groups(logs: ModuleType) -> list[tuple[Any, dict[str, Any]]]:
    """The log groups of all accounts and regions, with their keys, in the service's module."""
    found: list[tuple[Any, dict[str, Any]]] = logs._log_groups.all_items()
    return found
