"""Photos carry when and where they were made so that other programs read it, and are whole or not there."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import numpy as np
import pytest
from PIL import ExifTags, Image, ImageChops

from dashcam.camera import frame_code
from dashcam.camera.base import Picture
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar
from dashcam.clock import NANOSECONDS, MachineTrust, WallClock
from dashcam.link import messages as m
from dashcam.media.lettering import Corner
from dashcam.moment import Moment
from dashcam.place import Place
from dashcam.recorder.card import Card, NewPlace
from dashcam.recorder.moments import Moments
from dashcam.recorder.numbering import Numbering
from dashcam.recorder.photo import save_photo
from dashcam.settings import Settings
from dashcam.settings.schema import StampSettings
from tests.endurance.child_process import dashcam_process
from tests.endurance.clip_files import frame_numbers
from tests.exiftool import exiftool_facts
from tests.recorder.asked import AskedRecorder
from tests.recorder.rig import clips_of

# 0.25 s after noon in summer, so that the zone's offset is not its usual one.
TAKEN = int(datetime(2027, 7, 1, 12, 0, 0, tzinfo=UTC).timestamp()) * NANOSECONDS + 250_000_000
WIDTH, HEIGHT = 640, 360


DUBLIN = Place(
    latitude=53.351219,
    longitude=-6.260309,
    altitude_m=21.4,
    speed_mps=13.4,
    course_degrees=187.25,
    hdop=0.9,
    satellites=8,
)
WISHES = StampSettings()
MOMENT = Moment(monotonic_ns=0, utc_ns=TAKEN, zone=None, place=None)


def picture(width: int = WIDTH, height: int = HEIGHT, luma: int = 180, *, is_stamped: bool = False) -> Picture:
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, value in zip(frame.planes, (luma, 100, 150), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return Picture(frame, pts_ns=7 * NANOSECONDS, captured_monotonic_ns=0, is_stamped=is_stamped)


def take(
    data: Path,
    *,
    zone: str = "America/St_Johns",
    utc_ns: int = TAKEN,
    place: Place | None = None,
    wishes: StampSettings = WISHES,
    of: Picture | None = None,
    trust: MachineTrust = "auto",
) -> Path:
    """A photo taken at 0 of the monotonic clock, which was `utc_ns`."""
    numbering = Numbering(data / ".state")
    numbering.start()
    clock = WallClock(lambda: 0, lambda: utc_ns, trust=trust)
    card, moments = Card(data, numbering, clock, zone), Moments(clock, zone)
    if place is not None:
        moments.put(0, place)
    try:
        _, path = save_photo(of or picture(), card, moments.at(0), Settings(stamp=wishes), "Pi camera imx708")
    finally:
        card.close()
    return path


def test_pillow_reads_time_zone_and_camera(tmp_path: Path) -> None:
    path = take(tmp_path)
    assert path == tmp_path / "DCIM/PHOTO/2027-07-01/dcp_20270701093000.jpg"
    with Image.open(path) as image:
        image.load()
        assert image.size == (WIDTH, HEIGHT)
        exif = image.getexif()
    details = exif.get_ifd(ExifTags.IFD.Exif)
    assert exif[ExifTags.Base.DateTime] == details[ExifTags.Base.DateTimeOriginal] == "2027:07:01 09:30:00"
    assert details[ExifTags.Base.OffsetTimeOriginal] == "-02:30"
    assert details[ExifTags.Base.SubsecTimeOriginal] == "250"
    assert (exif[ExifTags.Base.Make], exif[ExifTags.Base.Model]) == ("dashcam", "front: Pi camera imx708")


def test_exiftool_reads_the_moment_and_the_place_and_finds_nothing_wrong(tmp_path: Path) -> None:
    facts = exiftool_facts(take(tmp_path, place=DUBLIN))
    assert facts["Composite:SubSecDateTimeOriginal"] == "2027:07:01 09:30:00.250-02:30"
    assert facts["Composite:GPSDateTime"] == "2027:07:01 12:00:00.25Z"
    assert facts["IFD0:Model"] == "front: Pi camera imx708"
    assert (facts["ExifIFD:ExifImageWidth"], facts["ExifIFD:ExifImageHeight"]) == (WIDTH, HEIGHT)
    assert facts["Composite:GPSLatitude"] == pytest.approx(DUBLIN.latitude, abs=1e-7)
    assert facts["Composite:GPSLongitude"] == pytest.approx(DUBLIN.longitude, abs=1e-7)
    assert (facts["Composite:GPSAltitude"], facts["GPS:GPSSpeed"], facts["GPS:GPSTrack"]) == (21.4, 48.24, 187.25)


def test_the_sidecar_says_the_same(tmp_path: Path) -> None:
    path = take(tmp_path)
    sidecar = read_sidecar(sidecar_of(path))
    assert (sidecar.id, sidecar.kind, sidecar.integrity) == ("1-1", "photo", "closed")
    assert (sidecar.started_utc, sidecar.zone) == ("2027-07-01T12:00:00.250Z", "America/St_Johns")
    assert (sidecar.width, sidecar.height, sidecar.frames) == (WIDTH, HEIGHT, 1)
    assert sidecar.media_start_ns == 7 * NANOSECONDS
    assert sidecar.bytes == path.stat().st_size
    assert sidecar.place is None
    assert read_sidecar(sidecar_of(take(tmp_path, place=DUBLIN))).place == DUBLIN


def test_before_the_clock_is_right_a_photo_has_no_time_at_all(tmp_path: Path) -> None:
    path = take(tmp_path, utc_ns=NANOSECONDS)
    assert path == tmp_path / "DCIM/PHOTO/undated/boot0001_000001.jpg"
    assert read_sidecar(sidecar_of(path)).started_utc is None
    with Image.open(path) as image:
        exif = image.getexif()
    assert ExifTags.Base.DateTime not in exif
    assert ExifTags.Base.DateTimeOriginal not in exif.get_ifd(ExifTags.IFD.Exif)
    assert exif[ExifTags.Base.Make] == "dashcam"
    facts = exiftool_facts(take(tmp_path, utc_ns=NANOSECONDS, place=DUBLIN))
    assert [name for name in facts if "Date" in name or "Time" in name] == []
    assert facts["Composite:GPSLatitude"] == pytest.approx(DUBLIN.latitude, abs=1e-7)


def test_an_estimated_time_is_in_the_sidecar_alone(tmp_path: Path) -> None:
    """What the machine remembers from its last run: names and EXIF hold only what is trusted."""
    path = take(tmp_path, place=DUBLIN, trust="untrusted")
    assert path.parent.name == "undated"
    sidecar = read_sidecar(sidecar_of(path))
    assert (sidecar.started_utc, sidecar.clock_source) == ("2027-07-01T12:00:00.250Z", "saved")
    assert [name for name in exiftool_facts(path) if "Date" in name or "Time" in name] == []


def test_name_and_exif_have_the_same_time_also_when_a_better_clock_came_in_between(tmp_path: Path) -> None:
    numbering = Numbering(tmp_path / ".state")
    numbering.start()
    card = Card(tmp_path, numbering, WallClock(lambda: 0, lambda: TAKEN), "UTC")
    before = Moment(monotonic_ns=0, utc_ns=None, zone=ZoneInfo("UTC"), place=None)
    _, path = save_photo(picture(), card, before, Settings(), "Pi camera imx708")
    card.close()
    assert path.name == "dcp_20270701120000.jpg"
    assert exiftool_facts(path)["Composite:SubSecDateTimeOriginal"] == "2027:07:01 12:00:00.250+00:00"


def written_on(photo: Path) -> tuple[int, int, int, int] | None:
    """The part of a photo that differs from its ground, which is even."""
    with Image.open(photo) as image:
        grey = image.convert("L")
    ground = grey.getpixel((grey.width // 2, grey.height // 2))
    return ImageChops.difference(grey, Image.new("L", grey.size, ground)).point(lambda by: 255 * (by > 60)).getbbox()


@pytest.mark.parametrize("luma", [16, 125, 235])
@pytest.mark.parametrize("size", [(360, 240), (640, 360), (1080, 1920), (3840, 2160)])
def test_words_stand_at_the_lower_right_and_nowhere_else(tmp_path: Path, size: tuple[int, int], luma: int) -> None:
    box = written_on(take(tmp_path, place=DUBLIN, of=picture(*size, luma)))
    assert box is not None
    left, top, right, bottom = box
    assert size[0] * 0.94 < right < size[0]
    assert size[1] * 0.94 < bottom < size[1]
    assert top > size[1] * 0.8
    assert 0 < left < size[0] * 0.6


@pytest.mark.parametrize("corner", ["top-left", "top-right", "bottom-left", "bottom-right"])
def test_words_stand_in_the_corner_of_the_settings(tmp_path: Path, corner: Corner) -> None:
    box = written_on(take(tmp_path, wishes=StampSettings(corner=corner)))
    assert box is not None
    left, top, right, bottom = box
    assert (top < 20) is ("top" in corner)
    assert (bottom > HEIGHT - 20) is ("bottom" in corner)
    assert (left < 20) is ("left" in corner)
    assert (right > WIDTH - 20) is ("right" in corner)


def test_what_is_known_takes_more_room_than_that_nothing_is(tmp_path: Path) -> None:
    def width(photo: Path) -> int:
        box = written_on(photo)
        return 0 if box is None else box[2] - box[0]

    without_place = StampSettings(place=False)
    nothing = width(take(tmp_path, utc_ns=NANOSECONDS))
    time, speed = width(take(tmp_path)), width(take(tmp_path, place=DUBLIN, wishes=without_place))
    everything = width(take(tmp_path, place=DUBLIN))
    assert 60 < nothing < time < everything
    assert 60 < speed < everything


def test_photos_have_no_words_where_nobody_wants_them_or_the_video_has_them(tmp_path: Path) -> None:
    assert written_on(take(tmp_path, place=DUBLIN, wishes=StampSettings(photo=False))) is None
    assert written_on(take(tmp_path, place=DUBLIN, of=picture(is_stamped=True))) is None
    facts = exiftool_facts(take(tmp_path, place=DUBLIN, of=picture(is_stamped=True)))
    assert facts["Composite:GPSLatitude"] == pytest.approx(DUBLIN.latitude, abs=1e-7)


def test_two_photos_of_one_second_have_two_names(tmp_path: Path) -> None:
    first, second = take(tmp_path), take(tmp_path)
    assert (first.name, second.name) == ("dcp_20270701093000.jpg", "dcp_20270701093000_2.jpg")


class BusyCard(Card):
    """Somebody puts a file of their own at every place as soon as it was chosen, the first `times`."""

    times = 0

    def place_for_photo(self, captured_monotonic_ns: int) -> NewPlace:
        place = super().place_for_photo(captured_monotonic_ns)
        if self.times:
            self.times -= 1
            place.final.write_text("somebody's own")
        return place


@pytest.mark.parametrize("times", [1, 3])
def test_a_photo_never_replaces_what_was_put_there_meanwhile(tmp_path: Path, times: int) -> None:
    numbering = Numbering(tmp_path / ".state")
    numbering.start()
    card = BusyCard(tmp_path, numbering, WallClock(lambda: 0, lambda: TAKEN), "UTC")
    card.times = times
    place, path = save_photo(picture(), card, MOMENT, Settings(), "Pi camera imx708")
    card.close()
    own = sorted(path.parent.glob("*.jpg"))
    assert [file.read_bytes() == b"somebody's own" for file in own] == [file != path for file in own]
    assert len(own) == times + 1
    assert read_sidecar(sidecar_of(path)).id == str(place.id)
    assert [file for file in path.parent.iterdir() if file.name.startswith(".tmp-")] == []


def test_a_name_that_is_always_taken_is_given_up(tmp_path: Path) -> None:
    numbering = Numbering(tmp_path / ".state")
    numbering.start()
    card = BusyCard(tmp_path, numbering, WallClock(lambda: 0, lambda: TAKEN), "UTC")
    card.times = 1000
    with pytest.raises(FileExistsError):
        save_photo(picture(), card, MOMENT, Settings(), "Pi camera imx708")
    card.close()


def test_a_full_card_leaves_no_half_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    take(tmp_path)
    monkeypatch.setattr("dashcam.files.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        take(tmp_path)
    monkeypatch.undo()
    names = sorted(path.name for path in (tmp_path / "DCIM/PHOTO/2027-07-01").iterdir())
    assert names == ["dcp_20270701093000.jpg", "dcp_20270701093000.json"]


def test_the_picture_is_that_of_the_camera(tmp_path: Path) -> None:
    """The EXIF block is put into the JPEG by hand: it must still decode to the colours that were given."""
    with Image.open(take(tmp_path)) as image:
        luma, blue, red = image.convert("YCbCr").getpixel((WIDTH // 2, HEIGHT // 2))  # type: ignore[misc]
    # Full range in JPEG, limited range in video: 180 is (180 - 16) * 255 / 219.
    assert abs(luma - 191) <= 2
    assert abs(blue - 96) <= 2
    assert abs(red - 153) <= 2


def test_a_photo_is_a_picture_of_the_recording_and_costs_none(tmp_path: Path) -> None:
    """The synthetic drive numbers its pictures, in the clips and in the photo."""
    options = ["--set=camera.kind=pattern", "--set=camera.width=640", "--set=camera.height=360"]
    options.append("--set=stamp.photo=false")  # the number stands at the lower edge
    options.append("--set=gps.kind=simulated")
    with dashcam_process("record", tmp_path, tmp_path / "log", *options) as process:
        recorder = AskedRecorder(tmp_path / ".state")
        recorder.wait_until_recording(20)
        recorder.wait_for(lambda status: status.gps.place is not None, "a fix")
        taken = [recorder.ask(m.TakePhoto(), m.PhotoTaken) for _ in range(4)]
        recorder.wait_until_recording(recorder.status().frames_written + 20)
        assert process.stop() == 0
    numbers = [number for clip in clips_of(tmp_path) for number in frame_numbers(clip)]
    assert numbers == list(range(len(numbers)))
    shown = []
    for photo in taken:
        place = read_sidecar(sidecar_of(tmp_path / "DCIM" / photo.path)).place
        assert place is not None
        facts = exiftool_facts(tmp_path / "DCIM" / photo.path)
        assert facts["Composite:GPSLatitude"] == pytest.approx(place.latitude, abs=1e-7)
        assert facts["Composite:GPSLongitude"] == pytest.approx(place.longitude, abs=1e-7)
        with Image.open(tmp_path / "DCIM" / photo.path) as image:
            code = frame_code.read(np.asarray(image.convert("L")))
        assert code is not None
        shown.append(code.number)
    assert shown == sorted(set(shown))
    assert set(shown) <= set(numbers)
