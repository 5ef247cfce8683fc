"""A real city drive through the whole dashcam: what the receiver said is what GPX, MP4, thumbnail and photo say."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
from statistics import correlation

import gpxpy
import pynmea2
import pytest

from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import Sidecar, read_sidecar
from tests.conftest import skip_unless_in_ci
from tests.exiftool import exiftool_facts
from tests.run.running import CHECKOUT, LONG_SECONDS, Heard
from tests.telemetry import positions_by_exiftool
from tests.web.sites import wait_until

SPEED = 4
SECONDS = 18  # on the clock on the wall; SPEED times as long in the drive
MPS_PER_KNOT = 1852 / 3600
# The log's minutes have four digits behind the point, the samples of GPMF seven behind the degree.
ROUNDING_DEGREES = 2e-7


@dataclass(frozen=True, slots=True)
class Said:
    """A moment by one account: latitude, longitude, metres a second."""

    latitude: float
    longitude: float
    speed_mps: float

    @property
    def key(self) -> tuple[float, float]:
        return round(self.latitude, 6), round(self.longitude, 6)


class Recorded:
    """The card after the drive."""

    def __init__(self, data: Path, photo: str) -> None:
        self.folders = CardFolders(data)
        self.photo = self.folders.dcim / photo
        self.clips = sorted(self.folders.of_kind("loop").glob("*/dcp_*.mp4"))

    def sidecar(self, clip: Path) -> Sidecar:
        return read_sidecar(sidecar_of(clip))


def said_by_receiver(path: Path) -> dict[tuple[float, float], Said]:
    """By place: the car never stands in the part of the log that is driven here, or it is the same place again."""
    found: dict[tuple[float, float], Said] = {}
    for line in path.read_text().splitlines():
        if line.startswith("$GPRMC"):
            sentence = pynmea2.parse(line)
            said = Said(sentence.latitude, sentence.longitude, float(sentence.spd_over_grnd) * MPS_PER_KNOT)
            found.setdefault(said.key, said)
    return found


def nearest(said: dict[tuple[float, float], Said], latitude: float, longitude: float) -> Said:
    """What the receiver said of this very place; fails where it was never."""
    keys = sorted(said)
    at = bisect_left(keys, (latitude - 1e-5, longitude))
    near = [
        said[key] for key in keys[at : at + 40] if abs(key[0] - latitude) <= 1e-6 and abs(key[1] - longitude) <= 1e-6
    ]
    assert near, (latitude, longitude)
    best = min(near, key=lambda one: abs(one.latitude - latitude) + abs(one.longitude - longitude))
    assert abs(best.latitude - latitude) <= ROUNDING_DEGREES
    assert abs(best.longitude - longitude) <= ROUNDING_DEGREES
    return best


def ask(address: str, path: str, *, body: bytes | None = None) -> dict[str, object]:
    request = urllib.request.Request(f"{address}{path}", data=body, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=LONG_SECONDS) as reply:
        found = json.load(reply)
    assert isinstance(found, dict)
    return found


def has_fix(address: str) -> bool:
    recorder = ask(address, "/api/status")["recorder"]
    return isinstance(recorder, dict) and recorder["gps"]["status"] == "fix"


@pytest.fixture(scope="module")
def log(shared_data: Path) -> Path:
    return shared_data / "nmea" / "drive_city_360s.nmea"


@pytest.fixture(scope="module")
def drive(shared_data: Path, log: Path, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """`dashcam run` on a drive's video and on another drive's receiver, both faster than they were."""
    data = tmp_path_factory.mktemp("drive")
    settings = {
        "camera.kind": "replay",
        "camera.source": shared_data / "driving" / "drive_joined_720p_54s.mp4",
        "camera.speed": SPEED,
        "gps.kind": "replay",
        "gps.source": log,
        "recording.segment_seconds": 10,
        "web.host": "127.0.0.1",
    }
    command = [sys.executable, "-m", "dashcam", "run", "--data", str(data), "--port", "0"]
    command += [f"--set={name}={value}" for name, value in settings.items()]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=CHECKOUT)
    try:
        assert process.stdout is not None
        address = Heard(process.stdout.fileno()).wait_for(r"Open  (http://\S+)/")[1]
        wait_until(lambda: has_fix(address))
        photo = ask(address, "/api/photo", body=b"{}")["path"]
        card = CardFolders(data)
        closed = SECONDS * SPEED // 12
        wait_until(lambda: len(list(card.tracks.glob("2*/*.gpx"))) >= closed)
        wait_until(lambda: len(list(card.thumbnails.glob("*/*.jpg"))) >= closed + 1)
    finally:
        process.terminate()
        process.wait(LONG_SECONDS)
    assert isinstance(photo, str)
    return Recorded(data, photo)


def tracked(drive: Recorded) -> list[Path]:
    """The clips whose track was made before the end."""
    clips = [clip for clip in drive.clips if drive.folders.track_of(clip).exists()]
    assert len(clips) >= 4
    return clips


def test_the_gpx_of_every_clip_has_the_places_and_the_speed_of_the_receiver(drive: Recorded, log: Path) -> None:
    said = said_by_receiver(log)
    told: list[float] = []
    heard: list[float] = []
    for clip in tracked(drive):
        track = gpxpy.parse(drive.folders.track_of(clip).read_text())
        (segment,) = track.tracks[0].segments
        sidecar = drive.sidecar(clip)
        # One a second of the drive, from the beginning of the clip to its end.
        assert len(segment.points) == pytest.approx(sidecar.duration_seconds, abs=2.1)
        times = [point.time for point in segment.points]
        assert times == sorted(times)  # type: ignore[type-var]
        for point in segment.points:
            heard.append(nearest(said, point.latitude, point.longitude).speed_mps)
            told.append(float(point.extensions[0].find("{*}speed").text))
    assert len(told) > 40
    assert correlation(told, heard) > 0.99


def test_every_clip_s_own_track_is_that_of_its_gpx(drive: Recorded, log: Path) -> None:
    said = said_by_receiver(log)
    for clip in tracked(drive):
        samples = positions_by_exiftool(clip)
        duration_seconds = drive.sidecar(clip).duration_seconds
        assert len(samples) == pytest.approx(duration_seconds, abs=2.1)
        gpx = gpxpy.parse(drive.folders.track_of(clip).read_text())
        places = {(round(point.latitude, 6), round(point.longitude, 6)) for point in gpx.walk(only_points=True)}
        matching = 0
        for _, latitude, longitude, _, speed_mps, _ in samples:
            heard = nearest(said, latitude, longitude)
            assert speed_mps == pytest.approx(heard.speed_mps, abs=0.01)
            matching += heard.key in places
        # At its ends a sample may be the fix just before or behind.
        assert matching >= len(samples) - 2


def test_thumbnail_and_photo_say_where_they_were_taken(drive: Recorded, log: Path) -> None:
    said = said_by_receiver(log)
    pictures = [drive.photo] + [drive.folders.thumbnail_of(clip) for clip in tracked(drive)[1:]]
    for picture in pictures:
        facts = exiftool_facts(picture)
        latitude, longitude = facts["Composite:GPSLatitude"], facts["Composite:GPSLongitude"]
        assert isinstance(latitude, float)
        assert isinstance(longitude, float)
        heard = nearest(said, latitude, longitude)
        assert float(str(facts["GPS:GPSSpeed"])) == pytest.approx(heard.speed_mps * 3.6, abs=0.1)


def test_the_schema_takes_every_gpx(drive: Recorded, shared_data: Path) -> None:
    files = [str(drive.folders.track_of(clip)) for clip in tracked(drive)]
    command = ["xmllint", "--nonet", "--noout", "--schema", str(shared_data / "gpx" / "gpx11.xsd"), *files]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        skip_unless_in_ci("xmllint is not installed (libxml2-utils)")
    assert asked.returncode == 0, asked.stderr
