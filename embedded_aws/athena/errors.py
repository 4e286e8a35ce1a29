"""Errors that end a query of Athena."""


class QueryError(Exception):
    """The query fails; the message is Athena's reason."""


class ScanLimitError(Exception):
    """The query reads more than its workgroup allows, and is cancelled."""

    def __init__(self) -> None:
        super().__init__("Bytes scanned limit was exceeded")
