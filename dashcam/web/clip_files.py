"""The files of clips by id, wherever they lie just now."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.clip import ClipId
from dashcam.clips.names import CardFolders
from dashcam.errors import ClipNotFound, TooManyViewers
from dashcam.link.messages import OpenClip
from dashcam.web.card_file import CardFile, open_below
from dashcam.web.fair_share import Places

# Each holds a thread while it runs; players open two or three.
MAX_TRANSFERS = 24
# Between the move of a clip and the catalogue's word of it lie some milliseconds, on a slow card more.
MOVE_ATTEMPTS = 20
_MOVE_WAIT_SECONDS = 0.1
_REMEMBERED_PATHS = 64


class ClipFiles:
    """Opens below DCIM and nowhere else, and has a place for every transfer there may be.

    A clip that is moved while it is read stays readable: its file is open, and the next request finds it by its id.
    """

    def __init__(
        self,
        data: Path,
        catalogue: CatalogueReader,
        open_clip: Callable[[], OpenClip | None],
        stop: threading.Event,
    ) -> None:
        self.card = CardFolders(data.resolve())
        self._catalogue = catalogue
        self._open_clip = open_clip
        self._stop = stop
        self._transfers = Places(MAX_TRANSFERS)
        self._guard = threading.Lock()  # of _paths
        # Of clips that were open when they were asked for: they are closed before the catalogue knows them.
        self._paths: OrderedDict[str, str] = OrderedDict()

    def take_place(self, address: str) -> Callable[[], None]:
        """A place for one transfer; the answer gives it back. Raises TooManyViewers when `address` gets none."""
        release = self._transfers.take(address)
        if release is None:
            raise TooManyViewers("Too many downloads run at once; try again when one has ended.")
        return release

    def open(self, clip_id: str) -> tuple[CardFile, str]:
        """The open file and its name. Raises ClipNotFound, CatalogueNotReady, or BadRequest for what is no id."""
        ClipId.parse(clip_id)
        for _ in range(MOVE_ATTEMPTS):
            path = self._path_of(clip_id)
            try:
                return self.open_path(path), PurePosixPath(path).name
            except FileNotFoundError:
                if self._path_of(clip_id) != path:
                    continue
                if not self._is_expected(clip_id) or self._stop.wait(_MOVE_WAIT_SECONDS):
                    break
        raise ClipNotFound(f"There is no clip {clip_id}; it may have been deleted.")

    def open_path(self, path: str) -> CardFile:
        """The file at a path below DCIM. Raises FileNotFoundError when it is not there, or is a link."""
        return open_below(self.card.dcim, path)

    def _path_of(self, clip_id: str) -> str:
        """Raises ClipNotFound or CatalogueNotReady when neither the catalogue nor the recorder knows it."""
        try:
            return self._catalogue.get(clip_id).path
        except (ClipNotFound, CatalogueNotReady):
            path = self._path_while_open(clip_id)
            if path is None:
                raise
            return path

    def _path_while_open(self, clip_id: str) -> str | None:
        growing = self._open_clip()
        with self._guard:
            if growing is not None and growing.id == clip_id and growing.path:
                self._paths[clip_id] = growing.path
                while len(self._paths) > _REMEMBERED_PATHS:
                    self._paths.popitem(last=False)
            return self._paths.get(clip_id)

    def _is_expected(self, clip_id: str) -> bool:
        """False for what is only remembered here: nobody else knows of it, so it was deleted and does not move."""
        growing = self._open_clip()
        if growing is not None and growing.id == clip_id:
            return True
        try:
            self._catalogue.get(clip_id)
        except ClipNotFound:
            with self._guard:
                self._paths.pop(clip_id, None)
            return False
        except CatalogueNotReady:
            return False
        return True
