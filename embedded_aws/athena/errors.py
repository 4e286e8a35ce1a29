"""How a query of Athena ends that does not succeed."""


class QueryError(Exception):
    """The query fails; the message is the reason that Athena gives."""


class ScanLimitError(Exception):
    """The query reads more than its workgroup allows, and is cancelled."""

    def __init__(self) -> None:
        super().__init__("Bytes scanned limit was exceeded")
