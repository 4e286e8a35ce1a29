"""Injects faults into the requests of containers: a proxy between load balancer and task answers them."""

import h11

from embedded_aws.core import http
from embedded_aws.core.faults import Faults, Kind
from embedded_aws.core.http import HttpRequest, HttpResponse, HttpServer

KINDS: tuple[Kind, ...] = ("never_healthy", "answers_500")
_SECONDS = 300.0  # the load balancer's own time limit is shorter


class FaultProxy:
    """A proxy for a port of a container, used while a fault of requests is in effect for its image."""

    def __init__(self, image: str, port: int, faults: Faults) -> None:
        """Take the image that faults are injected for, and the container's loopback port."""
        self._image = image
        self._port = port
        self._faults = faults
        self._own_port = 0
        self.server = HttpServer(self._answer)

    async def start(self) -> None:
        """Start to serve on a free port."""
        self._own_port = await self.server.start()

    @property
    def port(self) -> int:
        """The port for requests now: the container's, or this proxy's."""
        return self._own_port if any(self._faults.find(kind, self._image) for kind in KINDS) else self._port

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.is_health_check and self._faults.find("never_healthy", self._image):
            return _faulty(503)
        if not request.is_health_check and self._faults.find("answers_500", self._image):
            return _faulty(500)
        try:
            return await http.send("127.0.0.1", self._port, request, connect_seconds=_SECONDS, idle_seconds=_SECONDS)
        except (OSError, h11.ProtocolError):
            return HttpResponse(status=502)


def _faulty(status: int) -> HttpResponse:
    headers = (("content-type", "text/plain"),)
    return HttpResponse(status=status, headers=headers, body=b"a fault was injected for this image\n")
