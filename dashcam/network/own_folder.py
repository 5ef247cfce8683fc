"""The folder of what the network program keeps and no other program is to replace: wishes of root, the own key."""

from __future__ import annotations

from pathlib import Path

from dashcam.system.runtime_folder import is_shared


def own_folder(state: Path) -> Path:
    """Beside the state folder where programs of several users write that one, and made by the unit; else below it."""
    return state.with_name(f"{state.name}-network") if is_shared() else state / "network"
