"""Trials of the card: records until the plug is pulled, and says at the next start what is there."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import av
from av.error import FFmpegError

from dashcam.clips.clip import ClipId
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import decode_tag
from dashcam.errors import DashcamError
from dashcam.link import messages as m
from dashcam.link.client import ask
from dashcam.system.appliance import DATA_FOLDER, STATE_FOLDER
from tests.vm.guest.telling import run, tell, until

_LONG = 900.0
_TURN_SECONDS = 0.25


def recorder() -> m.RecorderStatus | None:
    """How it stands; None while it cannot be reached."""
    try:
        return ask(STATE_FOLDER, "recorder", m.GetStatus(), m.RecorderStatus, 10.0)
    except DashcamError:
        return None


def has_durable() -> bool:
    """The first fragment of this start is on the card."""
    status = recorder()
    return status is not None and status.open_clip is not None and bool(status.open_clip.path)


def recording(_: dict[str, str]) -> None:
    """Tells how far it is, and each clip as it is closed, until the plug is pulled."""
    until("the first durable fragment", has_durable, _LONG)
    known: set[Path] = set()
    while True:
        for path in sorted(videos() - known):
            if sidecar_of(path).exists():
                known.add(path)
                tell("closed", path=str(path), sha256=_sha256(path))
        status = recorder()
        if status is not None:
            tell(
                "recorded",
                boot=status.boot,
                frames=status.frames_received,
                dropped=status.queue.dropped_frames,
                fps=status.camera.fps if status.camera else 0.0,
            )
        time.sleep(_TURN_SECONDS)


def looking(_: dict[str, str]) -> None:
    """After the cut: every clip by its id, what is in it, and whether it plays; once the keeper has been through."""
    until("the first durable fragment", has_durable, _LONG)
    until("the keeper has looked at the card", _keeper_has_looked, _LONG)
    for path in sorted(videos()):
        try:
            clip, frames = _read(path)
        except (FFmpegError, DashcamError) as error:
            tell("clip", path=str(path), words=repr(error), good=False)
            continue
        tell("clip", path=str(path), id=clip, boot=ClipId.parse(clip).boot, frames=frames, sha256=_sha256(path))
    tell("mount", words=run("findmnt", "-no", "FSTYPE,OPTIONS", str(DATA_FOLDER), is_checked=False).strip())


def videos() -> set[Path]:
    """What lies on the card."""
    return {path for path in (DATA_FOLDER / "DCIM").rglob("*.mp4") if not path.name.startswith(".")}


def _keeper_has_looked() -> bool:
    try:
        progress = ask(STATE_FOLDER, "keeper", m.GetProgress(), m.KeeperProgress, 10.0)
    except DashcamError:
        return False
    # On a machine this slow it is never idle while clips of five seconds come.
    return progress.state in ("working", "idle")


def _read(path: Path) -> tuple[str, int]:
    with av.open(str(path)) as file:
        tag = decode_tag(file.metadata.get("comment", ""))
        if tag is None:
            raise DashcamError(f"{path.name} is not from here")
        frames = sum(packet.size > 0 for packet in file.demux(file.streams.video[0]))
    return tag.id, frames


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


TRIALS = {"recording": recording, "looking": looking}
