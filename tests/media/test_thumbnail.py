"""Thumbnails: the right size, upright, with readable words."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image, ImageChops, ImageStat

from dashcam.clips.sidecar import encode_tag
from dashcam.clock import utc_ns_of
from dashcam.errors import BadMedia
from dashcam.media.jobs import Caption, MediaKind
from dashcam.media.photo import inspect_photo
from dashcam.media.thumbnail import make_thumbnail
from dashcam.place import Place
from tests.exiftool import exiftool_facts
from tests.made_clips import clip_bytes, tag_of

TEXT = Caption(text="2026-11-20 15:45:00")
NO_WORDS = Caption(text="")
ORIENTATIONS = range(9)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures in brightness, 0 to 255."""
    return ImageStat.Stat(ImageChops.difference(one.convert("L"), other.convert("L"))).mean[0]


def frames_of(path: Path) -> list[Image.Image]:
    with av.open(str(path)) as container:
        return [Image.fromarray(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(clip_bytes(encode_tag(tag_of("42-3")))[1])
    return path


def test_the_thumbnail_of_a_video_is_its_first_keyframe(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "t.jpg"
    made = make_thumbnail(clip, target, "video", NO_WORDS)
    with Image.open(target) as picture:
        assert (made.width, made.height) == picture.size == (320, 180)
        differences = [difference(picture, frame) for frame in frames_of(clip)]
    assert differences[0] == min(differences)
    assert differences[0] < min(differences[1:]) / 2


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_photos_are_upright_whatever_their_orientation(shared_data: Path, tmp_path: Path, orientation: int) -> None:
    reference, target = tmp_path / "r.jpg", tmp_path / "t.jpg"
    make_thumbnail(shared_data / "photos" / "Landscape_1.jpg", reference, "photo", NO_WORDS)
    source = shared_data / "photos" / f"Landscape_{orientation}.jpg"
    make_thumbnail(source, target, "photo", NO_WORDS)
    with Image.open(reference) as wanted, Image.open(target) as picture:
        assert picture.size == wanted.size
        # A digit in the middle tells the orientation; the rest is the same picture.
        assert difference(picture, wanted) < 12
    found = inspect_photo(source)
    assert (found.width, found.height) == (1800, 1200)


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_the_words_stand_out_on_any_ground(tmp_path: Path, shade: int) -> None:
    source, bare, stamped = tmp_path / "s.jpg", tmp_path / "b.jpg", tmp_path / "t.jpg"
    Image.new("RGB", (1280, 720), (shade, shade, shade)).save(source)
    make_thumbnail(source, bare, "photo", NO_WORDS)
    make_thumbnail(source, stamped, "photo", TEXT)
    with Image.open(stamped) as picture, Image.open(bare) as ground:
        pixels = np.asarray(picture.convert("L")).astype(int)
        box = ImageChops.difference(picture, ground).convert("L").point(lambda value: 255 * (value > 60)).getbbox()
    # Both white and black are there, so the letters differ from whatever is behind them.
    words = pixels[150:]
    assert words.max() > 200
    assert words.min() < 60
    assert box is not None
    left, top, right, bottom = box
    assert top > 140
    assert left >= 2
    assert right > 120, "all of the date and time is there"
    assert right <= 318
    assert bottom <= 178


@pytest.mark.parametrize(("size", "height"), [((1080, 1920), 569), ((4000, 40), 60), ((40, 4000), 640), ((8, 8), 320)])
def test_odd_shapes_give_pictures_that_can_be_shown(tmp_path: Path, size: tuple[int, int], height: int) -> None:
    source, target = tmp_path / "s.jpg", tmp_path / "t.jpg"
    Image.new("RGB", size, "green").save(source)
    made = make_thumbnail(source, target, "photo", TEXT)
    assert (made.width, made.height) == (320, height)


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_photos_of_any_colour_model_work(tmp_path: Path, mode: str) -> None:
    source, target = tmp_path / "s.jpg", tmp_path / "t.jpg"
    Image.new(mode, (640, 480)).save(source)
    make_thumbnail(source, target, "photo", TEXT)
    with Image.open(target) as picture:
        assert picture.mode == "RGB"


def test_a_video_that_was_filmed_upright_is_shown_upright(tmp_path: Path, clip: Path) -> None:
    """Phones write the picture on its side and a note to turn it."""
    turned, target = tmp_path / "turned.mp4", tmp_path / "t.jpg"
    content = bytearray(clip.read_bytes())
    # The matrix of the track header (ISO/IEC 14496-12, 8.3.2): a quarter turn clockwise.
    start = content.rindex(b"tkhd") + 4 + 40
    matrix = (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    content[start : start + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in matrix)
    turned.write_bytes(content)
    made = make_thumbnail(turned, target, "video", NO_WORDS)
    assert (made.width, made.height) == (320, 569)
    first = frames_of(clip)[0]
    with Image.open(target) as picture:
        right, wrong = (
            difference(picture, first.rotate(angle, expand=True).resize(picture.size)) for angle in (-90, 90)
        )
    assert right < wrong / 2


def test_what_has_no_picture_leaves_no_thumbnail(tmp_path: Path) -> None:
    source, target = tmp_path / "s.mp4", tmp_path / "t.jpg"
    source.write_bytes(b"nothing")
    for kind in ("video", "photo"):
        with pytest.raises(BadMedia):
            make_thumbnail(source, target, kind, TEXT)
    assert not target.exists()


def test_a_photo_tells_when_it_was_taken(shared_data: Path, tmp_path: Path) -> None:
    assert inspect_photo(shared_data / "photos" / "exiftool_Canon.jpg").taken == "2003-12-04T06:46:52"
    assert inspect_photo(shared_data / "photos" / "Landscape_1.jpg").taken is None
    path = tmp_path / "p.jpg"
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "0000:00:00 00:00:00"
    Image.new("RGB", (8, 8)).save(path, exif=exif)
    assert inspect_photo(path).taken is None


def test_speed_and_place_stand_below_the_time(tmp_path: Path) -> None:
    source, target = tmp_path / "s.jpg", tmp_path / "t.jpg"
    Image.new("RGB", (1280, 720), (128, 128, 128)).save(source)
    heights = []
    for caption in (TEXT, replace(TEXT, text=f"{TEXT.text}\n48 km/h  53.35122, -6.26031")):
        make_thumbnail(source, target, "photo", caption)
        with Image.open(target) as picture:
            box = picture.convert("L").point(lambda value: 255 * (abs(value - 128) > 60)).getbbox()
        assert box is not None
        left, top, right, bottom = box
        assert (left >= 2, right <= 318, bottom <= 178) == (True, True, True)
        heights.append(bottom - top)
    assert heights[1] > 1.7 * heights[0]


@pytest.mark.parametrize("kind", ["video", "photo"])
def test_exiftool_reads_time_and_place_of_a_thumbnail(
    clip: Path, shared_data: Path, tmp_path: Path, kind: MediaKind
) -> None:
    source = clip if kind == "video" else shared_data / "photos" / "Landscape_6.jpg"
    target = tmp_path / "t.jpg"
    place = Place(latitude=-33.856784, longitude=151.215297, speed_mps=0.0)
    noon_ns = utc_ns_of("2026-11-20T12:00:00.250Z")
    caption = Caption(text="x", camera="front", utc_ns=noon_ns, zone="Australia/Sydney", place=place, speed_unit="mph")
    made = make_thumbnail(source, target, kind, caption)
    facts = exiftool_facts(target)
    assert facts["Composite:SubSecDateTimeOriginal"] == "2026:11:20 23:00:00.250+11:00"
    assert facts["Composite:GPSDateTime"] == "2026:11:20 12:00:00.25Z"
    assert facts["Composite:GPSLatitude"] == pytest.approx(place.latitude, abs=1e-7)
    assert facts["Composite:GPSLongitude"] == pytest.approx(place.longitude, abs=1e-7)
    assert (facts["GPS:GPSSpeed"], facts["GPS:GPSSpeedRef"], facts["IFD0:Model"]) == (0, "M", "front")
    assert (facts["ExifIFD:ExifImageWidth"], facts["ExifIFD:ExifImageHeight"]) == (made.width, made.height)
    assert "IFD0:Orientation" not in facts, "it is upright already"


def test_a_thumbnail_of_what_nobody_knows_has_neither_time_nor_place(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "t.jpg"
    make_thumbnail(clip, target, "video", Caption(text="start 42, no. 3", camera="front"))
    facts = exiftool_facts(target)
    assert [name for name in facts if "Date" in name or "Time" in name or "GPS" in name] == []


@pytest.mark.parametrize(("seconds", "frame"), [(0.1, 1), (0.95, 9), (1.0, 10), (1.3, 13), (1.9, 19), (77.0, 19)])
def test_the_thumbnail_of_a_moment_shows_what_is_on_the_screen_then(
    clip: Path, tmp_path: Path, seconds: float, frame: int
) -> None:
    """Between keyframes, too, and after the end the last picture."""
    target = tmp_path / "t.jpg"
    make_thumbnail(clip, target, "video", NO_WORDS, seconds)
    with Image.open(target) as picture:
        differences = [difference(picture, shown) for shown in frames_of(clip)]
    assert differences.index(min(differences)) == frame


def test_where_the_moment_is_damaged_the_thumbnail_is_one_that_decodes(clip: Path, tmp_path: Path) -> None:
    growing, _ = clip_bytes(encode_tag(tag_of("42-3")))
    clip.write_bytes(growing[: len(growing) * 2 // 3])
    target = tmp_path / "t.jpg"
    assert make_thumbnail(clip, target, "video", NO_WORDS, 1.9).width == 320
    (tmp_path / "nothing.mp4").write_bytes(b"nothing")
    with pytest.raises(BadMedia):
        make_thumbnail(tmp_path / "nothing.mp4", target, "video", NO_WORDS, 1.9)
