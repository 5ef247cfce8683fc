"""cheroot as the dashcam uses it: a thread for every stream there may be and some for the page, and a prompt end."""

from __future__ import annotations

import errno
import logging
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from cheroot import wsgi
from cheroot.server import HTTPConnection

from dashcam.errors import AlreadyRunning, DashcamError, SettingsError
from dashcam.web.doorman import Doorman, Limits
from dashcam.web.fair_share import FairShare
from dashcam.web.guard import WsgiApp
from dashcam.web.inherited import ManyPorts
from dashcam.web.reply import MAX_BODY_BYTES, error_body
from dashcam.web.visitor import CALLED_AT
from dashcam.worker import Worker

log = logging.getLogger(__name__)

# Cookies and the longest page of a cursor are far below.
MAX_HEAD_BYTES = 16 * 1024
# Beside streams and downloads; lists and thumbnails take milliseconds each.
PAGE_THREADS = 16
# A viewer that takes nothing for so long has gone, or pauses a video and will ask again.
STALL_SECONDS = 10
# What may wait in the kernel beyond what is on its way: two pictures instead of two megabytes of old ones.
_UNSENT_BYTES = 16384
_TCP_NOTSENT_LOWAT = 25  # linux/tcp.h; Python names it from 3.12 on
_MAX_IDLE_CONNECTIONS = 64
_MAX_QUEUED_REQUESTS = 128
# How long an answer that is under way may take when the server ends.
_GRACE_SECONDS = 1.0
_NUDGE_SECONDS = 0.05
_SHUTDOWN_SECONDS = 5
_TOO_MANY_BODY = error_body(
    "too_many_viewers", "Too much is asked for at once from here; close other pages of the dashcam and try again."
)
_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
    b"Content-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b"
    % (len(_TOO_MANY_BODY), _TOO_MANY_BODY)
)


class _Connection(HTTPConnection):
    """A connection that the server can find again when it has to end."""

    def __init__(self, server: _Cheroot, *positional: Any, **named: Any) -> None:
        super().__init__(server, *positional, **named)
        server.connections.add(self)
        self._has_place = False

    def take_place(self) -> bool:
        """Called before a thread is to serve it; False when its address holds too many of them."""
        self._has_place = self.server.fair_share.take(str(self.remote_addr))
        return self._has_place

    def communicate(self) -> Any:
        """One request and its answer; the thread is free afterwards."""
        try:
            return super().communicate()  # type: ignore[no-untyped-call]
        finally:
            self._give_place_back()

    def close(self) -> None:
        """Hangs up."""
        self.server.connections.discard(self)
        self._give_place_back()
        super().close()

    def _give_place_back(self) -> None:
        if self._has_place:
            self._has_place = False
            self.server.fair_share.give_back(str(self.remote_addr))


class _Gateway(wsgi.Gateway_10):
    """Tells the app, too, to which of this machine's addresses a request has come."""

    def get_environ(self) -> Any:
        """cheroot's own, and that address."""
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        with suppress(OSError):
            environ[CALLED_AT] = self.req.conn.socket.getsockname()[0]
        return environ


class _Cheroot(wsgi.Server):
    """cheroot with a doorman, its own socket options, and its words in our log."""

    ConnectionClass = _Connection

    def __init__(
        self, address: tuple[str, int], app: WsgiApp, threads: int, inherited: Sequence[socket.socket] = ()
    ) -> None:
        super().__init__(
            inherited[0].getsockname()[:2] if inherited else address,
            app,
            numthreads=threads,
            max=threads,
            server_name="dashcam",
            request_queue_size=_MAX_IDLE_CONNECTIONS,
            timeout=STALL_SECONDS,
            shutdown_timeout=_SHUTDOWN_SECONDS,
            accepted_queue_size=_MAX_QUEUED_REQUESTS,
            accepted_queue_timeout=0,  # rather a 503 now than a doorman who waits
        )
        self.gateway = _Gateway
        self.max_request_header_size = MAX_HEAD_BYTES
        self.max_request_body_size = MAX_BODY_BYTES
        self.keep_alive_conn_limit = _MAX_IDLE_CONNECTIONS
        self.bind_error: OSError | None = None
        self._ports = ManyPorts(inherited) if inherited else None
        self.connections: set[_Connection] = set()
        self.fair_share = FairShare(_most_for_one(threads))
        self.doorman = Doorman(self._serve, Limits(MAX_HEAD_BYTES, MAX_BODY_BYTES))

    @classmethod
    def prepare_socket(cls, *positional: Any, **named: Any) -> socket.socket:
        """Before listening, so that every connection inherits it."""
        prepared: socket.socket = super().prepare_socket(*positional, **named)
        prepared.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
        return prepared

    def bind(self, *positional: Any, **named: Any) -> Any:
        """Keeps the reason of a failure, of which cheroot keeps only words."""
        if self._ports is not None:
            self.socket = self._ports
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            self.socket.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
            return self.socket
        try:
            bound = super().bind(*positional, **named)
        except OSError as error:
            self.bind_error = error
            raise
        # For its connections, which would else keep the port to themselves when another address of it is to be served.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
        return bound

    def process_conn(self, conn: Any) -> None:
        """Every connection that is new or was idle comes by here."""
        if conn.rfile.has_data():
            # A second request sent before the first was answered. No browser does; half of one would hold a thread.
            conn.close()
        else:
            self.doorman.admit(conn)

    def _serve(self, conn: Any) -> None:
        if not conn.take_place():
            _refuse(conn)
            return
        conn.socket.settimeout(self.timeout)
        super().process_conn(conn)

    def grow(self, threads: int) -> None:
        """More of them; those that are there stay."""
        missing = threads - self.requests.max
        if missing > 0:
            self.requests.max = threads
            self.fair_share.most_for_one = _most_for_one(threads)
            self.requests.grow(missing)

    def share_port(self, *, is_shared: bool) -> None:
        """Whether a further socket of this user may be bound to the port that this one listens on."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, is_shared)

    def hurry(self, stop: threading.Event) -> None:
        """Helps `stop` along from another thread until it has returned.

        A connection of our own wakes the serving loop, which else looks up twice a second. Later, what has not ended
        by itself is cut off: a download to a client that takes nothing holds its thread.
        """
        if stop.wait(_NUDGE_SECONDS):
            return
        with suppress(OSError):
            if self._ports is not None:
                self._ports.wake()
            else:
                socket.create_connection(self.bind_addr, timeout=_GRACE_SECONDS).close()
        if stop.wait(_GRACE_SECONDS):
            return
        for connection in tuple(self.connections):
            with suppress(OSError):  # it has just ended
                connection.socket.shutdown(socket.SHUT_RDWR)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """Connections that break are everyday; only real failures are worth the owner's time."""
        log.log(level if level >= logging.ERROR else logging.DEBUG, "%s", msg, exc_info=traceback)


def _most_for_one(threads: int) -> int:
    """One address may have all streams and downloads there are; the threads of the page stay for the others."""
    return max(threads - PAGE_THREADS, threads // 2, 1)


def _refuse(conn: Any) -> None:
    """Says so without waiting for a client that may not listen."""
    with suppress(OSError):
        conn.socket.settimeout(0.0)
        # What was not read would make the kernel throw the answer away.
        conn.socket.recv(MAX_HEAD_BYTES + MAX_BODY_BYTES)
        conn.socket.send(_TOO_MANY)
    conn.close()


class WebServer:
    """Serves `app` on `host`:`port` with `threads` threads; `on_death` is called if serving ends by itself.

    With `inherited` sockets it serves on all of these instead, wherever they listen, and its address is the first's.
    """

    def __init__(
        self,
        app: WsgiApp,
        *,
        host: str,
        port: int,
        threads: int,
        on_death: Callable[[BaseException], None],
        inherited: Sequence[socket.socket] = (),
    ) -> None:
        self._host, self._port = host, port
        self._server = _Cheroot((host, port), app, threads, inherited)
        self._worker = Worker("web-server", self._serve, on_death)

    def start(self) -> None:
        """Listens when it returns. Raises AlreadyRunning when the port is taken, SettingsError for a bad address."""
        self._server.doorman.start()
        try:
            self._server.prepare()
        except OSError as error:
            self._server.doorman.close()
            raise self._refusal(self._server.bind_error or error) from error
        self._worker.start()

    @property
    def address(self) -> str:
        """`http://host:port` with the real port."""
        host, port = self._server.bind_addr[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def grow(self, threads: int) -> None:
        """Has at least so many threads from now on."""
        self._server.grow(threads)

    def start_beside(self, old: WebServer) -> None:
        """`start`, where `old` may listen on the same port for another of the machine's addresses."""
        if self._port != old._server.bind_addr[1]:
            self.start()
            return
        old._server.share_port(is_shared=True)
        self._server.reuse_port = True
        try:
            self.start()
            self._server.share_port(is_shared=False)
        finally:
            old._server.share_port(is_shared=False)

    def close(self) -> None:
        """Ends within seconds if the streams end by themselves: their stop event is set before. May be called twice."""
        last_call = Worker("web-last-call", self._server.hurry)
        last_call.start()
        self._server.doorman.close()
        self._server.stop()
        last_call.stop()
        self._worker.stop()

    def _serve(self, stop: threading.Event) -> None:
        self._server.serve()
        if not stop.is_set() and self._server.ready:
            raise DashcamError("the web server ended by itself")

    def _refusal(self, error: OSError) -> DashcamError:
        place = f"port {self._port} of {self._host}"
        if error.errno == errno.EADDRINUSE:
            return AlreadyRunning(f"{place} is taken, perhaps by another dashcam; end that or choose one with --port")
        if error.errno in (errno.EACCES, errno.EPERM):
            return SettingsError(f"{place} is not for ordinary users; choose one above 1023 with --port")
        return SettingsError(f"web.host: cannot listen on {place}: {error}")
