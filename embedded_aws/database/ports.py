"""The port of an instance: a name keeps its port, as on AWS a name always has the same address."""

import json
from collections.abc import Iterator
from pathlib import Path


class Ports:
    """The ports of all earlier and current names, saved on the disk.

    An address on AWS consists of name, account and region. So an instance that gets the name of another one, by a
    rename or in the next month, has the same address.
    """

    def __init__(self, file: Path, ports: range) -> None:
        """Take the file that stores the ports, and the range of ports."""
        self._file = file
        self._ports = ports
        self._known: dict[str, int] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def candidates(self, arn: str) -> Iterator[int]:
        """Ports to try for an instance: its name's, then unused ones, then those of other names."""
        own, others = self._known.get(arn), set(self._known.values())
        if own is not None:
            yield own
        yield from (port for port in self._ports if port not in others)
        yield from (port for port in self._ports if port in others and port != own)

    def remember(self, arn: str, port: int) -> None:
        """Save the port of a name."""
        if self._known.get(arn) == port:
            return
        self._known = {name: it for name, it in self._known.items() if it != port} | {arn: port}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(".partial")
        partial.write_text(json.dumps(self._known), encoding="utf-8")
        partial.replace(self._file)
