"""`python -m dashcam.settings`: prints the table of all settings; `--write README.md` puts it into that page."""

from __future__ import annotations

import sys
from pathlib import Path

from dashcam.settings.describe import markdown_table, with_table


def _main(arguments: list[str]) -> None:
    if len(arguments) == 2 and arguments[0] == "--write":
        page = Path(arguments[1])
        page.write_text(with_table(page.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        sys.stdout.write(markdown_table())


if __name__ == "__main__":
    _main(sys.argv[1:])
