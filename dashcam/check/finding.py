"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# ok: works. warn: it records, but the owner should know. no: it could not record like this.
Mark = Literal["ok", "warn", "no"]
# Without a camera `dashcam record` waits for one; `dashcam run` has something to show.
ONLY_DRAWN = "would record only the synthetic drive (no camera found)"
_MARK_COLUMNS, _SUBJECT_COLUMNS = 6, 11


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `words` name the cure unless all is well."""

    mark: Mark
    subject: str
    words: str

    def line(self) -> str:
        """`warn  memory     90 MB are free ...`."""
        return f"{self.mark:<{_MARK_COLUMNS}}{self.subject:<{_SUBJECT_COLUMNS}}{' '.join(self.words.split())}"


def verdict(findings: list[Finding]) -> str:
    """What all of them come to, in a sentence; empty when it could record."""
    hindrances = [finding for finding in findings if finding.mark == "no"]
    if not hindrances:
        return ""
    if all(finding.words.startswith(ONLY_DRAWN) for finding in hindrances):
        return (
            "`dashcam record` could not record like this; `dashcam run` would record only the synthetic drive. "
            "That one starts all the same, so that there is something to see: connect a camera, and the next start "
            "records what it sees."
        )
    return "It could not record like this."
