"""A clip is locked and given back while the page plays it and while it is downloaded, by the real programs."""

from __future__ import annotations

import http.client
import io
import json
import random
import zipfile
from pathlib import Path

from msgspec.structs import replace

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.event import EventFacts
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar, write_sidecar
from dashcam.clock import NANOSECONDS
from tests.clips.rows import event
from tests.made_clips import STARTED_NS, put_clip
from tests.programs import Programs

# Far more than sockets hold on their way.
BIG_BYTES = 24_000_000


def put_big(data: Path, clip_id: str, kind: str, facts: EventFacts | None) -> bytes:
    """A closed clip with a large box behind it that players pass over."""
    started_ns = STARTED_NS + int(clip_id.partition("-")[2]) * 60 * NANOSECONDS
    path = put_clip(data, clip_id, kind=kind, event=facts, started_ns=started_ns)
    filling = random.Random(clip_id).randbytes(BIG_BYTES)
    with open(path, "ab") as file:
        file.write((BIG_BYTES + 8).to_bytes(4) + b"free" + filling)
    sidecar = read_sidecar(sidecar_of(path))
    write_sidecar(sidecar_of(path), replace(sidecar, bytes=path.stat().st_size))
    return path.read_bytes()


def begin(address: str, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """An answer of which the first bytes have come, so that the rest waits for us."""
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    assert answer.status in (200, 206), answer.read()
    return answer, answer.read(1000)


def ask(address: str, what: str, ids: list[str]) -> None:
    connection = http.client.HTTPConnection(address, timeout=60)
    body = json.dumps({"ids": ids})
    connection.request("POST", f"/api/clips/{what}", body, {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    assert answer == {"done": ids, "failed": {}, "locked": []}, answer
    connection.close()


def test_locking_and_unlocking_disturb_no_player_and_no_download(tmp_path: Path) -> None:
    data = tmp_path / "card"
    contents = {
        "42-1": put_big(data, "42-1", "VIDEO", None),
        "42-2": put_big(data, "42-2", "EVENT", event("motion", "42-2")),
    }
    with Programs(data, tmp_path / "log") as programs:
        programs.start("keep")
        programs.wait_until_kept()
        address = programs.start_page()
        catalogue = CatalogueReader(programs.state)
        ids = list(contents)
        for what, folder in (("lock", "EVENT"), ("unlock", "VIDEO")):
            players = [(clip_id, *begin(address, f"/media/{clip_id}", Range="bytes=500-")) for clip_id in ids]
            download, begun = begin(address, f"/api/clips.zip?ids={','.join(ids)}")
            ask(address, what, ids)
            assert [catalogue.get(clip_id).path.partition("/")[0] for clip_id in ids] == [folder, "EVENT"]
            assert {catalogue.get(clip_id).lock_cause for clip_id in ids} == {"hand" if what == "lock" else None}
            for clip_id, answer, head in players:
                assert head + answer.read() == contents[clip_id][500:]
                again, few = begin(address, f"/media/{clip_id}", Range="bytes=1000000-1000007")
                assert few + again.read() == contents[clip_id][1_000_000:1_000_008]
            zipped = zipfile.ZipFile(io.BytesIO(begun + download.read()))
            assert [zipped.read(name) for name in zipped.namelist()] == list(contents.values())
        catalogue.close()
