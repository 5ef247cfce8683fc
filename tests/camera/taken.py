"""The sink of a Raspberry Pi camera, which notes also what it was asked and what was lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dashcam.camera.base import CameraCallbacks, Packet, Picture

# Generous: reached only if nothing comes at all.
LIMIT_SECONDS = 60.0


@dataclass
class Taken:
    """What a camera has handed on."""

    packets: list[Packet] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    asked_ns: list[int] = field(default_factory=list)
    lost: int = 0
    wants_pictures: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def callbacks(self, packet: Callable[[Packet], None] | None = None) -> CameraCallbacks:
        def put(items: list[Any]) -> Callable[[Any], None]:
            def add(item: Any) -> None:
                with self.changed:
                    items.append(item)
                    self.changed.notify_all()

            return add

        def wishes(pts_ns: int) -> bool:
            self.asked_ns.append(pts_ns)
            return self.wants_pictures

        def lose() -> None:
            with self.changed:
                self.lost += 1
                self.changed.notify_all()

        return CameraCallbacks(
            packet=packet or put(self.packets),
            picture=put(self.pictures),
            wishes_pictures=wishes,
            failed=put(self.failures),
            lost=lose,
        )

    def wait_for_packets(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.packets) >= count, LIMIT_SECONDS)

    def wait_for_pictures(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.pictures) >= count, LIMIT_SECONDS)
