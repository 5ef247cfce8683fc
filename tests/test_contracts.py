"""The contracts are what their golden files say; changing one is a commit of its own that changes its file.

`python -m tests.test_contracts` writes the files anew.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest

from dashcam.clips.anchors import ANCHORS_NAME, best_of_kernel, encode_anchor, read_boot_times
from dashcam.clips.boot_mark import BOOT_NAME, CARD_MARKER, encode_mark, read_mark
from dashcam.clips.clip import ClipId
from dashcam.clips.names import CardFolders, local_time_in_stem, sidecar_of, stem_of
from dashcam.clips.sidecar import decode_tag, encode_sidecar, encode_tag, read_sidecar
from dashcam.clips.track_log import boot_and_part, encode_line, log_folder, log_name, read_entries, read_header
from dashcam.clock import local_time, utc_ns_of, utc_text, zone_of
from dashcam.errors import BadRequest
from dashcam.link import messages
from dashcam.network.boot_file import parse_boot_file
from dashcam.recorder.last_camera import CAMERA_NAME, decode_memory, encode_memory
from dashcam.settings.describe import every_setting
from dashcam.system.boot_times import encode_boot_line, read_boot_lines
from dashcam.system.log_file import LogLine
from dashcam.web.openapi import describe_api
from tests import golden_streams as streams
from tests import golden_values as golden
from tests.web.bare_app import bare_app

FOLDER = Path(__file__).parent / "golden"


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def _names() -> dict[str, str]:
    started = local_time(utc_ns_of(golden.STARTED), zone_of("Europe/Berlin"))
    card = CardFolders(Path("/card"))
    dated = card.of_kind("loop") / "2026-11-20" / f"{stem_of(ClipId(42, False, 17), started)}.mp4"
    photo = card.of_kind("photo") / "2026-11-20" / f"{stem_of(ClipId(42, False, 18), started)}.jpg"
    undated = card.of_kind("loop") / "undated" / f"{stem_of(ClipId(42, False, 3), None)}.mp4"
    paths = {"dated": dated, "photo": photo, "undated": undated}
    facts = {name: card.relative(path) for name, path in paths.items()}
    facts |= {f"{name} sidecar": card.relative(sidecar_of(path)) for name, path in paths.items()}
    facts |= {f"{name} thumbnail": card.relative(card.thumbnail_of(path)) for name, path in paths.items()}
    facts["dated track"] = card.relative(card.track_of(dated))
    facts["track log"] = card.relative(log_folder(card) / log_name(42, 3))
    facts["boot mark"] = card.relative(card.dcim / CARD_MARKER)
    facts["keeper's undated stem"] = stem_of(ClipId(42, True, 3), None)
    return facts


def _messages() -> bytes:
    lines = [f"{type(message).__name__} {msgspec.msgpack.encode(message).hex()}\n" for message in golden.MESSAGES]
    return "".join(lines).encode()


def _settings() -> dict[str, Any]:
    """What the files of people who have saved something rely on."""
    return {
        fact.name: {
            "type": fact.kind,
            "possible": fact.choices or fact.limits,
            "default": fact.default,
            "unit": fact.unit,
            "applies": fact.applies,
        }
        for fact in every_setting()
    }


def _boot_file() -> dict[str, Any]:
    """What people have written into boot_file.toml, as it is understood."""
    file = parse_boot_file((FOLDER / "boot_file.toml").read_bytes())
    return {
        "settings": file.settings,
        "networks": [network.wish() for network in file.networks],
        "password": file.password and file.password.text,
        "taken": file.taken,
        "mistakes": file.mistakes,
        "cuts": file.cuts(file.secrets),
    }


def _api() -> bytes:
    with TemporaryDirectory() as folder:
        return _json(describe_api(bare_app(Path(folder)).routes))


FILES: dict[str, Callable[[], bytes]] = {
    "sidecar.json": lambda: encode_sidecar(golden.SIDECAR),
    "clip_tag.json": lambda: encode_tag(golden.TAG).encode() + b"\n",
    BOOT_NAME: lambda: encode_mark(golden.BOOT_MARK),
    ANCHORS_NAME: lambda: b"".join(
        encode_anchor(boot, anchor, golden.ANCHOR_KERNEL, golden.ANCHOR_ASLEEP_NS)
        for boot, anchor in ((golden.FIRST_BOOT, golden.FIRST_ANCHOR), (golden.ANCHOR_BOOT, golden.ANCHOR))
    ),
    "track_log.jsonl": lambda: b"".join(encode_line(line) for line in (golden.LOG_HEADER, *golden.LOG_ENTRIES)),
    CAMERA_NAME: lambda: encode_memory(golden.CAMERA_MEMORY),
    "catalogue_row.json": lambda: _json(golden.ROW),
    "day_count.json": lambda: _json(golden.DAY),
    "save_request.json": lambda: _json(golden.SAVE_REQUEST),
    "status.json": lambda: _json(golden.STATUS),
    "progress.json": lambda: _json(golden.PROGRESS),
    "names.json": lambda: _json(_names()),
    "messages.msgpack.hex": _messages,
    "settings.json": lambda: _json(_settings()),
    "openapi.json": _api,
    "events.txt": streams.events,
    "live_picture.json": lambda: _json(streams.live_picture()),
    "log_line.jsonl": streams.log_line,
    "boot_file.json": lambda: _json(_boot_file()),
    "boot_line.jsonl": lambda: encode_boot_line(golden.BOOT_LINE),
}


@pytest.mark.parametrize("name", FILES)
def test_contract_is_written_as_its_golden_file_says(name: str) -> None:
    assert FILES[name]() == (FOLDER / name).read_bytes()


def test_every_message_has_a_golden_value() -> None:
    def is_message(found: Any) -> bool:
        return inspect.isclass(found) and issubclass(found, messages.Message) and found is not messages.Message

    known = {name for name, _ in inspect.getmembers(messages, is_message)}
    assert known == {type(message).__name__ for message in golden.MESSAGES}


def test_every_message_comes_back_as_it_was() -> None:
    unions = (
        messages.RecorderRequest
        | messages.KeeperRequest
        | messages.NetworkRequest
        | messages.RecorderReply
        | messages.KeeperReply
        | messages.NetworkReply
    )
    for message in golden.MESSAGES:
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=unions) == message


def test_sidecar_and_tag_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "clip.json"
    path.write_bytes(encode_sidecar(golden.SIDECAR))
    assert read_sidecar(path) == golden.SIDECAR
    assert decode_tag(encode_tag(golden.TAG)) == golden.TAG
    assert decode_tag("made by somebody else") is None


def test_boot_mark_and_anchor_come_back_as_they_were() -> None:
    assert read_mark(FOLDER / BOOT_NAME) == golden.BOOT_MARK
    times = read_boot_times(FOLDER / ANCHORS_NAME)
    assert {boot: time.best.anchor for boot, time in times.items()} == dict.fromkeys((41, 42), golden.ANCHOR)
    assert [line.anchor for line in times[golden.FIRST_BOOT].own] == [golden.FIRST_ANCHOR]
    line = best_of_kernel(FOLDER / ANCHORS_NAME, golden.ANCHOR_KERNEL)
    assert line is not None
    assert (line.boot, line.anchor, line.asleep_ns) == (golden.ANCHOR_BOOT, golden.ANCHOR, golden.ANCHOR_ASLEEP_NS)


def test_a_boot_line_comes_back_as_it_was() -> None:
    assert read_boot_lines(FOLDER / "boot_line.jsonl") == [golden.BOOT_LINE]


def test_the_track_log_comes_back_as_it_was() -> None:
    content = (FOLDER / "track_log.jsonl").read_bytes()
    assert read_header(content.splitlines()[0]) == golden.LOG_HEADER
    assert tuple(read_entries(content)) == golden.LOG_ENTRIES
    assert tuple(read_entries(content[:-5])) == golden.LOG_ENTRIES[:-1]
    assert golden.LOG_ENTRIES[0].monotonic_ns == 123_456_000_000
    assert boot_and_part(log_name(42, 3)) == (42, 3)
    assert boot_and_part("boot42_3.jsonl.bak") is None


def test_the_memory_of_the_camera_comes_back_as_it_was() -> None:
    assert decode_memory((FOLDER / CAMERA_NAME).read_bytes()) == golden.CAMERA_MEMORY


def test_a_line_of_a_log_comes_back_as_it_was() -> None:
    assert msgspec.json.decode((FOLDER / "log_line.jsonl").read_bytes(), type=LogLine) == streams.LOG_LINE


def test_ids_parse_as_they_print_and_sort_by_boot_and_number() -> None:
    ids = [ClipId(2, True, 1), ClipId(10, False, 1), ClipId(2, False, 10), ClipId(2, False, 9)]
    assert [ClipId.parse(str(clip_id)) for clip_id in ids] == ids
    assert [str(clip_id) for clip_id in sorted(ids)] == ["2-9", "2-10", "2-k1", "10-1"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "42",
        "42-",
        "-3",
        "0-1",
        "042-1",
        "42-x3",
        "42-3\n",
        "../42-3",
        "４２-3",
        "9" * 20 + "-1",
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        ClipId.parse(text)


def test_a_dated_name_gives_its_time_back() -> None:
    started = local_time(utc_ns_of(golden.STARTED), zone_of("Europe/Berlin"))
    stem = stem_of(ClipId(42, False, 17), started)
    assert local_time_in_stem(stem) == started.replace(tzinfo=None, microsecond=0)
    assert local_time_in_stem(f"{stem}_2") == local_time_in_stem(stem)
    assert local_time_in_stem("dcp_20269920154500") is None
    assert utc_text(utc_ns_of(golden.STARTED)) == golden.STARTED


def _write_all() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, content in FILES.items():
        (FOLDER / name).write_bytes(content())


if __name__ == "__main__":
    _write_all()
