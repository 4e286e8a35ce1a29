"""The files of objects, which the emulator reads when it is imported."""

import json

from embedded_aws.core.context import ServerContext, ServerError


def check_files(context: ServerContext) -> None:
    """Check the file beside each object's content: of a broken one, the emulator forgets what it says without a word.

    Raises:
        ServerError: one cannot be used.
    """
    for file in sorted((context.state_folder / "objects").rglob("*.meta.json")):
        try:
            usable, reason = isinstance(json.loads(file.read_bytes()), dict), "it holds no JSON object"
        except (OSError, ValueError) as error:
            usable, reason = False, str(error)
        if not usable:
            raise ServerError(
                f"cannot use {file}: {reason}. Put it back from a copy, or delete it: then the object stays, without "
                "its type, tags and older versions."
            )
