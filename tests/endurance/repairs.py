"""What the keeper makes of clips that were cut off: ordinary MP4, the same frames, a sidecar that says so."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import read_sidecar
from dashcam.errors import DashcamError
from tests.endurance.card_check import FoundClip
from tests.endurance.child_process import ChildProcess, dashcam_process
from tests.endurance.clip_files import complaints, is_temporary, open_clip, videos_below
from tests.endurance.recorder_process import FPS
from tests.mp4_boxes import holds_fragment, is_ordinary
from tests.telemetry import texts_in

_FINISH_LIMIT_SECONDS = 120.0
_LOOK_SECONDS = 0.1
_LOG_LETTERS = 2000
# A torn fragment has lost the texts behind its pictures.
_TEXT_LOST_SECONDS = 0.6
# A keeper waits for files to be quiet for most of its time; together they wait once.
_KEEPERS_AT_ONCE = 6


def let_keeper_finish(data: Path, log: Path) -> None:
    """Runs the keeper until nothing on the card is unfinished. Raises TimeoutError when it cannot."""
    with dashcam_process("keep", data, log) as keeper:
        _wait_until_finished(data, keeper, log)
        keeper.stop()


def _wait_until_finished(data: Path, keeper: ChildProcess, log: Path) -> None:
    until = time.monotonic() + _FINISH_LIMIT_SECONDS
    while unfinished := _unfinished(data):
        if not keeper.is_alive or time.monotonic() > until:
            names = ", ".join(path.name for path in unfinished)
            last_words = log.read_text(errors="replace")[-_LOG_LETTERS:]
            raise TimeoutError(f"the keeper has not finished {names}; its log: {last_words}")
        time.sleep(_LOOK_SECONDS)


def _unfinished(data: Path) -> list[Path]:
    """What plays and is not an ordinary clip yet; what never had a fragment is swept up later, without hurry."""
    return [path for path in _clips_below(data) if _is_unfinished(path)]


def _clips_below(data: Path) -> list[Path]:
    folders = CardFolders(data)
    return [*videos_below(folders.of_kind("loop")), *videos_below(folders.of_kind("event"))]


def _is_unfinished(path: Path) -> bool:
    try:
        return holds_fragment(path) and (is_temporary(path) or not sidecar_of(path).exists())
    except FileNotFoundError:
        return True  # it has just got its name, or been moved: it is found again at the next look


def check_repairs(data: Path, found_before: Iterable[FoundClip]) -> list[str]:
    """What is wrong with the clips that were found before the keeper worked on them; they are told by their ids."""
    paths = {open_clip(path).tag.id: path for path in _clips_below(data) if holds_fragment(path)}
    wrong: list[str] = []
    for clip in found_before:
        path = paths.get(clip.opened.tag.id)
        if path is None:
            wrong.append(f"{clip.path.name} is not among the clips after its repair")
            continue
        if not is_ordinary(path):
            wrong.append(f"{path.name} is no ordinary MP4 after its repair")
        if complaint := complaints(path):
            wrong.append(f"{path.name} does not decode cleanly after its repair: {complaint.splitlines()[0]}")
        if open_clip(path).fingerprints != clip.opened.fingerprints:
            wrong.append(f"{path.name} does not hold the same frames after its repair")
        texts, seconds = len(texts_in(path)), len(clip.numbers) / FPS
        if texts < int(seconds - _TEXT_LOST_SECONDS):
            wrong.append(f"{path.name} lasts {seconds:.1f} s and holds {texts} texts after its repair")
        wrong.extend(_check_sidecar(path, clip))
    return wrong


def _check_sidecar(path: Path, before: FoundClip) -> list[str]:
    try:
        sidecar = read_sidecar(sidecar_of(path))
    except (DashcamError, OSError) as error:
        return [f"{path.name} has no sidecar after its repair: {error}"]
    if before.sidecar is not None:
        # Where it was is the keeper's to add.
        same = replace(sidecar, track=before.sidecar.track) == before.sidecar
        return [] if same else [f"the keeper changed the sidecar of {path.name}, a closed clip"]
    wrong = []
    tag = before.opened.tag
    if (sidecar.kind, sidecar.event) != ("event" if tag.event else "loop", tag.event):
        wrong.append(f"the keeper's sidecar of {path.name} is not that of its event: {sidecar.event}")
    # One that was closed may have lost its sidecar later, and with it somebody's lock: to be safe it gets one.
    if sidecar.locked != tag.locked and not (tag.event and before.is_ordinary):
        wrong.append(f"{path.name} is locked after its repair: {sidecar.locked}; it was to be {tag.locked}")
    # Closed, but the sidecar came too late: nothing had to be repaired.
    expected = "closed" if before.is_ordinary else "repaired"
    if sidecar.integrity != expected:
        wrong.append(f"{path.name} was {expected}, its sidecar says {sidecar.integrity}")
    if sidecar.frames != len(before.numbers):
        wrong.append(f"{path.name} holds {len(before.numbers)} frames, the keeper's sidecar says {sidecar.frames}")
    return wrong


@dataclass(frozen=True, slots=True)
class _Waiting:
    data: Path
    found: list[FoundClip]
    words: str


@dataclass(slots=True)
class RepairSample:
    """Copies of cards that wait for a keeper; several keepers work at the same time, each on its own."""

    folder: Path
    cards: int = 0
    repaired: int = 0
    wrong: list[str] = field(default_factory=list)
    _waiting: list[_Waiting] = field(default_factory=list)

    def add(self, card: Path, found: list[FoundClip], words: str) -> None:
        """Copies a card with its unfinished clips; `words` say which it is."""
        self.cards += 1
        data = self.folder / f"copy {self.cards}"
        shutil.copytree(card, data, ignore=shutil.ignore_patterns("lost+found"))
        self._waiting.append(_Waiting(data, found, words))
        if len(self._waiting) == _KEEPERS_AT_ONCE:
            self.finish()

    def finish(self) -> None:
        """Lets the keepers work on what waits, checks it and forgets it."""
        with ThreadPoolExecutor(_KEEPERS_AT_ONCE) as pool:
            for waiting, wrong in zip(self._waiting, pool.map(self._repair, self._waiting), strict=True):
                self.wrong.extend(f"{waiting.words}: {text}" for text in wrong)
                self.repaired += len(waiting.found)
        self._waiting.clear()

    def _repair(self, waiting: _Waiting) -> list[str]:
        try:
            let_keeper_finish(waiting.data, self.folder / "keeper-log")
            return check_repairs(waiting.data, waiting.found)
        except TimeoutError as error:
            return [str(error)]
        finally:
            shutil.rmtree(waiting.data)
