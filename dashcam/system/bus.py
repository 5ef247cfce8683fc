"""The system's message bus, D-Bus: connections for questions, which never hold anybody up for long."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from dashcam.errors import DashcamError

SYSTEM_BUS = "SYSTEM"
"""The bus of DBUS_SYSTEM_BUS_ADDRESS, or the system's at its usual place."""
# D-Bus specification, header fields
_ERROR_NAME_FIELD = 4
_SHOWN_CHARACTERS = 200


class BusMissing(DashcamError):
    """There is no bus, nobody may use it, or it has not answered in time."""


class BusRefusal(DashcamError):
    """What was asked for was answered with an error; the message is what it says, `name` what it is called."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text or name)
        self.name = name

    @property
    def is_absence(self) -> bool:
        """The service or what was asked of it does not exist on this machine."""
        last = self.name.rpartition(".")[2]
        return last in ("ServiceUnknown", "NameHasNoOwner", "UnknownMethod", "UnknownObject", "UnknownInterface")

    @property
    def is_forbidden(self) -> bool:
        """The service could, but polkit or the bus does not let us."""
        last = self.name.rpartition(".")[2]
        return last in ("AccessDenied", "InteractiveAuthorizationRequired", "AuthFailed")


@dataclass(frozen=True, slots=True)
class BusObject:
    """Whom to ask: a service by its name, an object of it, and one of the object's interfaces."""

    name: str
    path: str
    interface: str


class Bus:
    """An open connection; made by `open_bus` or `lasting_bus`, for one thread."""

    def __init__(self, connection: Any, answer_seconds: float | None = None) -> None:
        """`answer_seconds`: how long each answer is waited for; None: until the connection is hung up."""
        self._connection = connection
        self._answer_seconds = answer_seconds

    def call(self, whom: BusObject, method: str, signature: str = "", body: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        """Asks and waits for the answer. Raises BusRefusal with its error, BusMissing when there is none."""
        from jeepney import DBusAddress, MessageType, new_method_call

        address = DBusAddress(whom.path, whom.name, whom.interface)
        call = new_method_call(address, method, signature or None, body)
        try:
            reply = self._connection.send_and_get_reply(call, timeout=self._answer_seconds)
        except Exception as error:  # many classes, one meaning
            raise BusMissing(f"the system bus has hung up: {error!r}") from error
        answer: tuple[Any, ...] = reply.body
        if reply.header.message_type == MessageType.error:
            text = answer[0] if answer and isinstance(answer[0], str) else ""
            raise BusRefusal(reply.header.fields.get(_ERROR_NAME_FIELD, ""), text[:_SHOWN_CHARACTERS])
        return answer

    def property_of(self, whom: BusObject, name: str) -> Any:
        """The value of a property. Raises as `call` does."""
        properties = BusObject(whom.name, whom.path, "org.freedesktop.DBus.Properties")
        [(_signature, value)] = self.call(properties, "Get", "ss", (whom.interface, name))
        return value

    def close(self) -> None:
        """Hangs up; what others hold for this connection, such as avahi's records, ends with it."""
        self._connection.close()


@contextmanager
def open_bus(limit_seconds: float, address: str = SYSTEM_BUS) -> Iterator[Bus]:
    """A connection that is hung up after `limit_seconds`, whoever still waits for an answer.

    Raises BusMissing when there is none to be had.
    """
    plain = _plain_socket(limit_seconds, address)
    with closing(plain), _hung_up_after(limit_seconds, plain), _greeted(plain) as connection:
        yield Bus(connection)


def lasting_bus(answer_seconds: float, address: str = SYSTEM_BUS) -> Bus:
    """A connection that stays until it is closed; each answer on it is waited for so long.

    Once a call has raised BusMissing it is of no more use. Raises BusMissing when there is none to be had.
    """
    plain = _plain_socket(answer_seconds, address)
    try:
        with _hung_up_after(answer_seconds, plain):
            return Bus(_greeted(plain), answer_seconds)
    except BaseException:
        plain.close()
        raise


def _plain_socket(limit_seconds: float, address: str) -> socket.socket:
    try:
        # Only who asks for it needs it, and few do.
        from jeepney.bus import get_bus
        from jeepney.io.blocking import prep_socket
    except ImportError as error:
        raise BusMissing("the library jeepney is missing; start with scripts/run, which installs it") from error
    try:
        connected: socket.socket = prep_socket(get_bus(address), timeout=limit_seconds)
    except Exception as error:  # no socket, no bus behind it, no right to it: many classes, one meaning
        raise BusMissing(f"there is no system bus: {error!r}") from error
    return connected


def _greeted(plain: socket.socket) -> Any:
    from jeepney.io.blocking import DBusConnection

    try:
        # The greeting has no limit of its own, and a bus may keep its answer back.
        return DBusConnection(plain)
    except Exception as error:
        raise BusMissing(f"the system bus does not answer: {error!r}") from error


@contextmanager
def _hung_up_after(seconds: float, connected: socket.socket) -> Iterator[None]:
    """Ends a connection that takes longer; whoever waits for an answer gets an OSError."""

    def hang_up() -> None:
        with suppress(OSError):  # it has just ended
            connected.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(seconds, hang_up)
    watch.name, watch.daemon = "bus-limit", True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
