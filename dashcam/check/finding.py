"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# ok: works. warn: it records, but the owner should know. no: it could not record like this.
Mark = Literal["ok", "warn", "no"]
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


def prevents_recording(findings: list[Finding]) -> bool:
    """True when one of them says `no`."""
    return any(finding.mark == "no" for finding in findings)
