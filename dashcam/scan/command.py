"""`dashcam scan`: tries the detector on files, or has the keeper search clips; by what was named."""

from __future__ import annotations

from collections.abc import Sequence

from dashcam.errors import BadRequest
from dashcam.link.messages import SearchMotion
from dashcam.options import ProgramOptions


def run(options: ProgramOptions, names: Sequence[str], *, is_json: bool, day: str, cut: bool) -> int:
    """Gives the exit code. Raises DashcamError when it cannot be begun."""
    # Each loads only what it needs: the detector's libraries are large.
    from dashcam.scan import of_card

    ids = tuple(name for name in names if of_card.is_clip_id(name))
    if len(ids) == len(names) and not is_json:
        return of_card.run(options, SearchMotion(ids=ids, day=day, cut=cut), print)
    if ids or day or cut or not names:
        raise BadRequest("name either videos or ids of clips; --day and --cut are for clips, --json is for videos")
    from dashcam.scan.program import run as run_on_files

    return run_on_files(names, options.loaded.settings.motion, print, is_json=is_json)
