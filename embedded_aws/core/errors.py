"""Why the server cannot start."""


class ServerError(Exception):
    """The server cannot start; the message says why and what to do."""
