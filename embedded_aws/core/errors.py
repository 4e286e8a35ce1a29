"""The error of a server that cannot start."""


class ServerError(Exception):
    """The server cannot start; the message gives the reason and the remedy."""
