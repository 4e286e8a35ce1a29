"""First process in a task's network namespace: opens sockets there and passes them to the embedded AWS.

Its image contains only these modules (see ``namespaces.image``). A socket belongs to the namespace in which it was
opened, whatever process uses it. So the embedded AWS accepts, from outside, the connections to addresses inside, and
nothing has to listen on an address that other machines can reach.

Arguments: the sockets as JSON, ``[[address, port], …]``; the path of the embedded AWS's Unix socket.
"""

import array
import fcntl
import json
import signal
import socket
import struct
import sys

_SIOCSIFADDR = 0x8916  # include/uapi/linux/sockios.h
_SIOCSIFNETMASK = 0x891C
_MOST_SOCKETS_A_MESSAGE = 250  # SCM_MAX_FD is 253 (include/net/scm.h)
_SECONDS_TO_CONNECT = 120.0


def add_address(address: str, label: str) -> None:
    """Add an address to the loopback interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for request, value in ((_SIOCSIFADDR, address), (_SIOCSIFNETMASK, "255.255.255.255")):
            content = struct.pack("16sHH4s8s", label.encode(), socket.AF_INET, 0, socket.inet_aton(value), b"\0" * 8)
            fcntl.ioctl(control, request, content)


def open_sockets(places: list[tuple[str, int]]) -> list[socket.socket]:
    """Listen on every address, in the given order."""
    opened = []
    for address, port in places:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(128)
        opened.append(listener)
    return opened


def hand_over(listeners: list[socket.socket], path: str) -> None:
    """Send the sockets through a Unix socket."""
    with socket.socket(socket.AF_UNIX) as channel:
        channel.settimeout(_SECONDS_TO_CONNECT)
        channel.connect(path)
        for first in range(0, len(listeners), _MOST_SOCKETS_A_MESSAGE):
            numbers = [listener.fileno() for listener in listeners[first : first + _MOST_SOCKETS_A_MESSAGE]]
            channel.sendmsg([b"s"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", numbers))])


def main() -> None:
    """Open and pass on the sockets, then keep the namespace until SIGTERM."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    places = [(str(address), int(port)) for address, port in json.loads(sys.argv[1])]
    further = sorted({address for address, _ in places if not address.startswith("127.")})
    for number, address in enumerate(further):
        add_address(address, f"lo:{number}")
    listeners = open_sockets(places)
    hand_over(listeners, sys.argv[2])
    for listener in listeners:
        listener.close()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    main()
