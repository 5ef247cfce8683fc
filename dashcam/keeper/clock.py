"""The keeper's time: the machine's own, or what the recorder has been told since the machine was started."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dashcam.clips.anchors import ANCHORS_NAME, AnchorLine, best_of_kernel
from dashcam.clock import Anchor, MachineTrust, WallClock, trust_in
from dashcam.system.kernel import asleep_ns as kernel_asleep_ns
from dashcam.system.kernel import has_slept, kernel_boot
from dashcam.system.machine_clock import machine_clock


class KeeperClock(WallClock):
    """The machine's clock or the best anchor in the state, whichever is to be trusted more. Thread-safe."""

    def __init__(
        self,
        state: Path,
        machine: WallClock | None = None,
        *,
        kernel: str | None = None,
        asleep_ns: Callable[[], int] = kernel_asleep_ns,
    ) -> None:
        """`machine` and `kernel`, its start: those of this machine if None; `asleep_ns`: suspended since then."""
        self._machine = machine or machine_clock()
        super().__init__(self._machine.monotonic_ns)
        self._path = state / ANCHORS_NAME
        self._kernel = kernel_boot() if kernel is None else kernel
        self._asleep_ns = asleep_ns
        # What the file was when it was read, and the best in it; replaced as one.
        self._read_last: tuple[tuple[int, int] | None, AnchorLine | None] = (None, None)

    def take(self, trust: MachineTrust) -> None:
        """The owner's word over the machine's clock."""
        self._machine.take(trust)

    def refresh(self, wait_seconds: float = 0.0) -> None:
        """Has what speaks for the machine's clock looked up anew."""
        self._machine.refresh(wait_seconds)

    def anchor(self) -> Anchor:
        """The best there is now, told by this moment."""
        live, line = self._machine.anchor(), self._written()
        if line is None or trust_in(line.source) <= trust_in(live.source) or line.monotonic_ns > live.monotonic_ns:
            return live
        return live if has_slept(line.asleep_ns, self._asleep_ns()) else line.anchor.at(live.monotonic_ns)

    def _written(self) -> AnchorLine | None:
        """The best of this start of the machine; the file is read only when it has changed."""
        try:
            facts = self._path.stat()
        except OSError:
            return None
        seen = (facts.st_size, facts.st_mtime_ns)
        if self._read_last[0] != seen:
            self._read_last = (seen, best_of_kernel(self._path, self._kernel))
        return self._read_last[1]
