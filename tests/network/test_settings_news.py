"""Recorder and keeper hear of settings that were taken over, one that is not there is no trouble."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from dashcam.link.messages import KeeperRequest, Message, SettingsChanged, SettingsTaken
from dashcam.link.server import LinkServer
from dashcam.network.settings_news import tell_programs


def test_whoever_runs_is_told_and_may_not_interrupt_the_recording(tmp_path: Path) -> None:
    asked: list[Any] = []
    lock = threading.Lock()

    def answer(request: Any) -> Message:
        with lock:
            asked.append(request)
        return SettingsTaken(pending=())

    keeper = LinkServer(tmp_path, "keeper", requests=KeeperRequest, answer=answer)
    keeper.start()
    try:
        tell_programs(tmp_path)
    finally:
        keeper.close()
    assert asked == [SettingsChanged(may_interrupt=False)]
