"""Which port an instance has: the one that its name had before, as on AWS a name has its address for good."""

import json
from collections.abc import Iterator
from pathlib import Path


class Ports:
    """The ports of all names that there were, kept on the disk.

    An address on AWS is made of name, account and region. So whoever takes a name over, by a rename or in the next
    month, is found where the one before was.
    """

    def __init__(self, file: Path, ports: range) -> None:
        """Take the file that keeps them, and the ports that may be given."""
        self._file = file
        self._ports = ports
        self._known: dict[str, int] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def candidates(self, arn: str) -> Iterator[int]:
        """Ports to try for an instance: its name's, then those that no name has, then those of other names."""
        own, others = self._known.get(arn), set(self._known.values())
        if own is not None:
            yield own
        yield from (port for port in self._ports if port not in others)
        yield from (port for port in self._ports if port in others and port != own)

    def remember(self, arn: str, port: int) -> None:
        """Keep the port of a name."""
        if self._known.get(arn) == port:
            return
        self._known = {name: it for name, it in self._known.items() if it != port} | {arn: port}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(".partial")
        partial.write_text(json.dumps(self._known), encoding="utf-8")
        partial.replace(self._file)
