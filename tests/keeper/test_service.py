"""The keeper as a program: answers on its link, works with whatever card there is, and is never ended by one."""

from __future__ import annotations

import fcntl
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.gpx import clip_track, gpx_pieces
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import read_sidecar, write_sidecar
from dashcam.clips.track_line import segments_of
from dashcam.clips.track_thinning import thinned
from dashcam.clock import NANOSECONDS
from dashcam.errors import AlreadyRunning, CardError, DashcamError, LinkError
from dashcam.files import make_folders, write_durably
from dashcam.keeper.patience import Patience
from dashcam.keeper.service import Service
from dashcam.link.client import ask
from dashcam.link.messages import (
    ClipsDone,
    DeleteClips,
    Done,
    GetProgress,
    KeeperProgress,
    LockClips,
    ScanCard,
    UnlockClips,
)
from dashcam.options import ProgramOptions
from tests.keeper.rig import LIMIT_SECONDS, options_for
from tests.made_clips import STARTED_NS, put_clip
from tests.made_tracks import STARTED_MONOTONIC_NS, driven, put_log

CHECKOUT = Path(__file__).resolve().parents[2]
MINUTE_NS = 60 * NANOSECONDS
# Of design.md; the child that opens pictures has a budget of its own.
MAX_RESIDENT_KILOBYTES = 35 * 1024


# The keeper as `dashcam keep` runs it; at its end it writes down what it has imported.
_PROGRAM = """
import sys
from pathlib import Path
from dashcam.keeper.program import run
from dashcam.options import ProgramOptions
from dashcam.settings import load_settings

data = Path(sys.argv[1])
code = run(ProgramOptions(data, data / ".state", load_settings(None, (), Path("/nonexistent"))))
Path(sys.argv[2]).write_text(" ".join(sys.modules))
sys.exit(code)
"""


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"never {what}"
        time.sleep(0.02)


class Running:
    """A keeper in a thread, and what people ask of it."""

    def __init__(self, options: ProgramOptions, closing_seconds: float = 0.0) -> None:
        self.options = options
        self.stop = threading.Event()
        self.error: DashcamError | None = None
        self.service = Service(
            options, Patience(quiet_seconds=0.2, lonely_seconds=0.5, closing_seconds=closing_seconds)
        )
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.service.run(self.stop)
        except DashcamError as error:
            self.error = error

    def ask(self, request: object, reply: type = ClipsDone) -> object:
        return ask(self.options.state, "keeper", request, reply, LIMIT_SECONDS)  # type: ignore[arg-type]

    def progress(self) -> KeeperProgress:
        found = self.ask(GetProgress(), KeeperProgress)
        assert isinstance(found, KeeperProgress)
        return found

    def wait_for(self, state: str, clips: int | None = None) -> KeeperProgress:
        def is_there() -> bool:
            try:
                found = self.progress()
            except LinkError:
                return False
            return found.state == state and clips in (None, found.catalogued)

        wait_until(is_there, f"{state} with {clips} clips")
        return self.progress()


@contextmanager
def running(options: ProgramOptions, closing_seconds: float = 0.0) -> Iterator[Running]:
    keeper = Running(options, closing_seconds)
    keeper.thread.start()
    try:
        yield keeper
    finally:
        keeper.stop.set()
        keeper.thread.join(LIMIT_SECONDS)
        assert not keeper.thread.is_alive()


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A card with three clips, in a folder with spaces."""
    data = tmp_path / "my card"
    for number in (1, 2, 3):
        put_clip(data, f"42-{number}", started_ns=STARTED_NS + number * MINUTE_NS)
    return data


def test_people_lock_unlock_and_delete_over_the_link(card: Path) -> None:
    with running(options_for(card)) as keeper:
        keeper.wait_for("idle", 3)
        reader = CatalogueReader(keeper.options.state)
        assert keeper.ask(LockClips(ids=("42-1", "42-9"), cause="api")) == ClipsDone(
            done=("42-1",), failed={"42-9": "There is no clip 42-9; it may have been deleted."}
        )
        assert reader.get("42-1").kind == "event"
        assert reader.get("42-1").lock_cause == "api"
        assert keeper.ask(UnlockClips(ids=("42-1",))) == ClipsDone(done=("42-1",), failed={})
        assert reader.get("42-1").kind == "loop"
        assert keeper.ask(DeleteClips(ids=("42-1", "42-2"))) == ClipsDone(done=("42-1", "42-2"), failed={})
        assert [row.id for row in reader.page().rows] == ["42-3"]
        found = keeper.wait_for("idle", 1)
        assert found.loop.clips == 1
        assert found.loop.bytes == reader.get("42-3").bytes
        assert found.warnings == ()
        reader.close()


def test_a_scan_is_done_when_it_is_answered(card: Path) -> None:
    with running(options_for(card)) as keeper:
        keeper.wait_for("idle", 3)
        keeper.service._session.watch.close()  # type: ignore[union-attr]
        path = put_clip(card, "42-4", started_ns=STARTED_NS + 4 * MINUTE_NS)
        assert keeper.ask(ScanCard(), Done) == Done()
        reader = CatalogueReader(keeper.options.state)
        assert reader.get("42-4").path.endswith(path.name)
        reader.close()


def test_what_people_do_shows_without_a_restart(card: Path) -> None:
    with running(options_for(card)) as keeper:
        keeper.wait_for("idle", 3)
        put_clip(card, "42-4", started_ns=STARTED_NS + 5000 * MINUTE_NS)
        keeper.wait_for("idle", 4)
        shutil.rmtree(CardFolders(card).of_kind("loop") / "2026-11-20")
        keeper.wait_for("idle", 1)


def test_a_new_clip_is_closed_while_the_keeper_works(card: Path) -> None:
    """The recorder holds its clip until the sidecar is there; the keeper sees no moment in between."""
    with running(options_for(card)) as keeper:
        keeper.wait_for("idle", 3)
        path = put_clip(card, "42-4", started_ns=STARTED_NS + 4 * MINUTE_NS)
        sidecar = sidecar_of(path).read_bytes()
        sidecar_of(path).unlink()
        with open(path, "r+b") as recorder:
            fcntl.flock(recorder, fcntl.LOCK_EX)
            keeper.ask(ScanCard(), Done)
            wait_until(lambda: "still being recorded" in str(keeper.ask(LockClips(ids=("42-4",)))), "noticed")
            sidecar_of(path).write_bytes(sidecar)
        found = keeper.wait_for("idle", 4)
        assert found.repaired == 0
        assert sidecar_of(path).read_bytes() == sidecar


def test_without_a_card_it_says_so_and_begins_by_itself(tmp_path: Path) -> None:
    data = tmp_path / "not" / "there"
    options = options_for(data, state=tmp_path / "state")
    with running(options) as keeper:
        found = keeper.wait_for("no_card")
        assert "missing" in found.warnings[0]
        with pytest.raises(CardError):
            keeper.ask(LockClips(ids=("42-1",)))
        with pytest.raises(CardError):
            keeper.ask(ScanCard(), Done)
        data.parent.mkdir()
        keeper.wait_for("idle", 0)
        put_clip(data, "42-1")
        keeper.wait_for("idle", 1)


def test_a_card_that_goes_and_comes_back_is_worked_on_again(card: Path, tmp_path: Path) -> None:
    with running(options_for(card, state=tmp_path / "state")) as keeper:
        keeper.wait_for("idle", 3)
        away = tmp_path / "away"
        card.rename(away)
        # An empty folder is made in its place: nothing tells that another card is meant.
        keeper.wait_for("idle", 0)
        card.rename(tmp_path / "empty")
        away.rename(card)
        keeper.wait_for("idle", 3)


def mounted(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True, timeout=LIMIT_SECONDS)


@pytest.fixture
def mounted_card(tmp_path: Path) -> Iterator[Path]:
    """A card that can be mounted read-only and taken away."""
    data = tmp_path / "mounted"
    data.mkdir()
    try:
        mounted("-t", "tmpfs", "-o", "size=64m", "tmpfs", str(data))
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting is not allowed here")
    yield data
    while data.is_mount():
        subprocess.run(["umount", "-l", str(data)], check=True, timeout=LIMIT_SECONDS)


def test_a_card_that_is_taken_out_is_missed_and_what_lies_below_is_left_alone(
    mounted_card: Path, tmp_path: Path
) -> None:
    put_clip(mounted_card, "42-1")
    with running(options_for(mounted_card, state=tmp_path / "state")) as keeper:
        keeper.wait_for("idle", 1)
        subprocess.run(["umount", "-l", str(mounted_card)], check=True, timeout=LIMIT_SECONDS)
        found = keeper.wait_for("no_card")
        assert found.warnings
        assert list(mounted_card.iterdir()) == [], "it writes below the mount point"
        mounted("-t", "tmpfs", "-o", "size=64m", "tmpfs", str(mounted_card))
        put_clip(mounted_card, "43-1")
        put_clip(mounted_card, "43-2", started_ns=STARTED_NS + MINUTE_NS)
        keeper.wait_for("idle", 2)


def test_a_read_only_card_is_shown_but_not_changed_and_recovers(mounted_card: Path, tmp_path: Path) -> None:
    put_clip(mounted_card, "42-1")
    put_clip(mounted_card, "42-2", started_ns=STARTED_NS + MINUTE_NS, is_closed=False)
    CardFolders(mounted_card).thumbnails.mkdir()
    CardFolders(mounted_card).of_kind("event").mkdir()
    CardFolders(mounted_card).of_kind("photo").mkdir()
    mounted("-o", "remount,ro", str(mounted_card))
    with running(options_for(mounted_card, state=tmp_path / "state")) as keeper:
        wait_until(lambda: keeper.thread.is_alive() and _is_listed(keeper, 1), "listed")
        found = keeper.progress()
        assert "read-only" in found.warnings[0]
        with pytest.raises(CardError, match="read-only"):
            keeper.ask(LockClips(ids=("42-1",)))
        mounted("-o", "remount,rw", str(mounted_card))
        found = keeper.wait_for("idle", 2)
        assert found.warnings == ()
        assert found.repaired == 1


def _is_listed(keeper: Running, clips: int) -> bool:
    reader = CatalogueReader(keeper.options.state)
    try:
        return reader.totals()["loop"].clips == clips and bool(keeper.progress().warnings)
    except (CatalogueNotReady, LinkError):
        return False
    finally:
        reader.close()


def test_a_second_keeper_refuses_clearly(card: Path, tmp_path: Path) -> None:
    with running(options_for(card)) as first:
        first.wait_for("idle", 3)
        with running(options_for(card)) as same_state:
            same_state.thread.join(LIMIT_SECONDS)
            assert isinstance(same_state.error, AlreadyRunning)
        with running(options_for(card, state=tmp_path / "another state")) as same_card:
            same_card.thread.join(LIMIT_SECONDS)
            assert isinstance(same_card.error, AlreadyRunning)
            assert "already uses" in str(same_card.error)
        assert first.progress().catalogued == 3


def put_long_drive(data: Path) -> None:
    """Two clips of an hour at ten fixes a second; of the second one the log has gone, but for its first minute."""
    hour_ns = 60 * MINUTE_NS
    entries = driven([number / 10 for number in range(10 * 3660)])
    put_log(data, entries, boot=41)
    for number in (1, 2):
        path = put_clip(data, f"41-{number}", started_ns=STARTED_NS - (3 - number) * hour_ns)
        began_ns = STARTED_MONOTONIC_NS + (number - 1) * hour_ns
        sidecar = msgspec.structs.replace(
            read_sidecar(sidecar_of(path)), duration_seconds=3600.0, started_monotonic_ns=began_ns
        )
        write_sidecar(sidecar_of(path), sidecar)
    track = clip_track(
        sidecar, path.stem, segments_of(thinned(driven([n / 10 for n in range(36_000)], start_ns=began_ns)))
    )
    make_folders(CardFolders(data).track_of(path).parent)
    write_durably(CardFolders(data).track_of(path), gpx_pieces(track))


def test_the_program_ends_quickly_stays_small_and_leaves_no_child(card: Path, tmp_path: Path) -> None:
    for number in range(4, 30):
        put_clip(card, f"42-{number}", started_ns=STARTED_NS + number * MINUTE_NS)
    put_long_drive(card)
    modules = tmp_path / "modules"
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM, str(card), str(modules)], cwd=CHECKOUT)
    try:
        options = options_for(card)

        def is_done() -> bool:
            try:
                found = ask(options.state, "keeper", GetProgress(), KeeperProgress)
            except LinkError:
                return False
            made = [len(list(folder.rglob(f"*{suffix}"))) for folder, suffix in
                    ((CardFolders(card).thumbnails, ".jpg"), (CardFolders(card).tracks, ".gpx"))]  # fmt: skip
            return found.state == "idle" and made == [29 + 2, 2]

        wait_until(is_done, "idle")
        resident = _status(process.pid, "VmHWM")
        print(f"keeper's peak: {resident / 1024:.1f} MB")
        assert resident <= MAX_RESIDENT_KILOBYTES
        children = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT_SECONDS) == 0
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    finally:
        process.kill()
        process.wait()
    assert not {"av", "numpy", "PIL", "bottle", "picamera2", "gpxpy"} & set(modules.read_text().split())


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise AssertionError(name)
