"""A running web server with a card and stand-ins around it, and how to talk to it."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.row import ClipRow
from dashcam.settings import LoadedSettings, Settings
from dashcam.settings.schema import PreviewSettings, WebSettings
from dashcam.system.health import Machine
from dashcam.web.pages import find_www
from dashcam.web.website import Website
from tests import golden_values as golden
from tests.web.stand_in_network import StandInNetwork
from tests.web.stand_ins import StandInKeeper, StandInRecorder

# Generous: a busy machine may take its time, and a test that waits so long has failed.
PATIENCE_SECONDS = 60


class Answer:
    """An HTTP answer, read whole."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def error_code(self) -> str:
        """The code of an error answer; fails when it has not the one shape of errors."""
        error = self.json["error"]
        assert set(self.json) == {"error"}
        assert set(error) == {"code", "message"}
        assert error["message"]
        return str(error["code"])


@dataclass
class Site:
    """A running web server and the world around it."""

    website: Website
    recorder: StandInRecorder
    keeper: StandInKeeper
    data: Path
    state: Path
    network: StandInNetwork
    """Started only where the site was made with it."""

    @property
    def netloc(self) -> str:
        return urlsplit(self.website.address).netloc

    @property
    def port(self) -> int:
        port = urlsplit(self.website.address).port
        assert port
        return port

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """One request on a connection of its own; `body` goes as JSON."""
        connection = self.connect()
        try:
            content = None if body is None else json.dumps(body)
            more = {} if body is None else {"Content-Type": "application/json"}
            connection.request(method, path, content, {**more, **(headers or {})})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """`_` in the names of headers stands for `-`."""
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, body: Any = None) -> Answer:
        return self.ask("POST", path, body)

    def raw(self, content: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
        """A plain connection on which `content` was sent, from an address of this machine's loopback."""
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS, (source, 0))
        plain.sendall(content)
        return plain

    def say_raw(self, content: bytes) -> bytes:
        """All that is answered to `content` until the server hangs up."""
        with self.raw(content) as plain:
            return b"".join(iter(lambda: plain.recv(65536), b""))


def wait_until(holds: Callable[[], Any]) -> None:
    """Waits for a condition of another thread or process; fails when it does not come."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def clip_row(number: int, day: str = "2026-11-20", **changes: Any) -> ClipRow:
    """A loop clip of the golden boot that began `number` seconds past three in the afternoon."""
    return msgspec.structs.replace(
        golden.ROW,
        **{
            "id": f"42-{number}",
            "kind": "loop",
            "path": f"VIDEO/{day}/dcp_{day.replace('-', '')}15{number // 60:02d}{number % 60:02d}.mp4",
            "day": day,
            "lock_cause": None,
            "has_thumbnail": False,
            "dropped_frames": 0,
            "event": None,
            "motion": None,
            "started_utc_ms": 1_795_186_800_000 + number * 1000,
            **changes,
        },
    )


def settings(**preview: Any) -> LoadedSettings:
    """The defaults, on a free port of this machine alone."""
    return LoadedSettings(Settings(web=WebSettings(host="127.0.0.1", port=0), preview=PreviewSettings(**preview)))


class Sites:
    """Makes sites in `folder`; all are closed, in reverse, by `close`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._to_close: list[Callable[[], None]] = []

    def make(
        self,
        loaded: LoadedSettings | None = None,
        name: str = "with a space",
        assignments: Sequence[str] = ("web.host=127.0.0.1", "web.port=0"),
        machine: Machine | None = None,
        move_seconds: float = PATIENCE_SECONDS,
        said: Mapping[str, Any] | None = None,
        has_network: bool = False,
    ) -> Site:
        """A site of its own card, running and in touch with its recorder.

        `assignments` count when settings change; `said`: what the recorder says from the beginning; `has_network`: a
        network program runs, too.
        """
        data = self._folder / name
        state = data / ".state"
        (data / "DCIM").mkdir(parents=True)
        recorder, keeper = StandInRecorder(state), StandInKeeper(state, data)
        recorder.say(**(said or {}))
        catalogue = CatalogueReader(state)
        self._to_close.append(catalogue.close)
        deaths: list[BaseException] = []
        website = Website(
            data=data,
            state=state,
            www=find_www(),
            loaded=loaded or settings(),
            catalogue=catalogue,
            on_death=deaths.append,
            machine=machine,
            move_seconds=move_seconds,
            assignments=assignments,
        )
        network = StandInNetwork(state)
        for part in (recorder, keeper, *((network,) if has_network else ()), website):
            part.start()
            self._to_close.append(part.close)
        site = Site(website, recorder, keeper, data, state, network)
        wait_until(lambda: site.get("/api/status").json["connected"])
        return site

    def close(self) -> None:
        for close in reversed(self._to_close):
            close()
