"""A video file as a camera: played in real time, looped without end, with the time running on.

H.264 that can be cut well is passed on packet by packet as it is; what cannot is decoded and encoded again, and the
facts say why.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from av.error import FFmpegError

from dashcam.camera.base import CameraCallbacks, CameraFacts, Picture
from dashcam.camera.guard import guarded
from dashcam.camera.replay_file import VideoFile, look_at
from dashcam.camera.replay_players import PacketPlayer
from dashcam.errors import CameraError
from dashcam.settings.schema import CameraSettings
from dashcam.worker import Worker

if TYPE_CHECKING:
    from dashcam.camera.replay_encoding import PicturePlayer

_JOIN_SECONDS = 5.0


class ReplayCamera:
    """Plays `camera.source` at `camera.speed` times real time."""

    def __init__(self, settings: CameraSettings, callbacks: CameraCallbacks, small_width: int) -> None:
        self._settings = settings
        self._callbacks = guarded(callbacks)
        self._small_width = small_width
        self._player: PacketPlayer | PicturePlayer | None = None
        self._worker: Worker | None = None

    def start(self) -> CameraFacts:
        """Reads the whole file once, then begins to play. Raises CameraError when it cannot be played."""
        if not self._settings.source:
            raise CameraError("replay needs a video file; name it in camera.source")
        file = look_at(Path(self._settings.source).expanduser())
        reasons = list(file.obstacles)
        if self._settings.rotation:
            reasons.append(f"its pictures are turned by {self._settings.rotation} degrees (camera.rotation)")
        player = self._player = self._player_for(file, reasons)
        self._worker = Worker("replay camera", player.play, self._died)
        self._worker.start()
        return player.facts()

    def take_photo(self, limit_seconds: float) -> Picture:
        """The newest picture at full size. Raises CameraError when there is none within the limit."""
        if self._player is None:
            raise CameraError("the camera is not started; start it first")
        return self._player.take_photo(limit_seconds)

    def close(self) -> None:
        """Stops playing; may be called twice. A template in the facts stays valid for whoever holds it."""
        if self._worker is not None:
            self._worker.stop(_JOIN_SECONDS)
        if self._player is not None:
            self._player.close()

    def _player_for(self, file: VideoFile, reasons: list[str]) -> PacketPlayer | PicturePlayer:
        if reasons:
            from dashcam.camera.replay_encoding import PicturePlayer

            return PicturePlayer(file, self._settings, self._callbacks, self._small_width, reasons)
        try:
            return PacketPlayer(file, self._settings, self._callbacks, self._small_width)
        except (FFmpegError, OSError) as error:
            raise CameraError(f"{file.path} cannot be read any more ({error}); is it still there?") from error

    def _died(self, error: BaseException) -> None:
        """Called in the dying thread."""
        known = error if isinstance(error, CameraError) else CameraError(f"the replay ended: {error!r}")
        self._callbacks.failed(known)
