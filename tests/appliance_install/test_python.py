"""The installed program is compiled so that no clock and no read-only card ever makes it be compiled again."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

from dashcam.appliance.python import COMPILE

# PEP 552: the second word of a .pyc; 1: by the hash of its source, which is not looked at.
UNCHECKED_HASH = 1


def test_what_is_compiled_is_never_held_against_its_source(tmp_path: Path) -> None:
    library = tmp_path / "lib"
    source = library / "python3/site-packages/package/module.py"
    source.parent.mkdir(parents=True)
    source.write_text("VALUE = 'as compiled'\n")
    (source.parent / "template.py").write_text("{{ no Python }}\n")
    subprocess.run([sys.executable, "-I", "-c", COMPILE, str(library)], check=True)
    compiled = Path(importlib.util.cache_from_source(str(source)))
    assert compiled.read_bytes()[4:8] == UNCHECKED_HASH.to_bytes(4, "little")
    source.write_text("VALUE = 'edited by hand later'\n")
    program = f"import sys; sys.path.insert(0, {str(source.parent)!r}); import module; print(module.VALUE)"
    said = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True)
    assert said.stdout == "as compiled\n"
