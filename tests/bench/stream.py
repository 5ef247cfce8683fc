"""The ready stream: 1080p30 H.264 at 8 Mbit/s with a GOP of a second, as a Pi's hardware encoder gives it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

# Longer than what is recorded of it, so that peers that do not loop need not.
STREAM_SECONDS = 64
# Noise, because a test picture alone is far too easy for 8 Mbit/s; constant bit rate, as hardware encoders are run.
_RECIPE = (
    *("-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=30,noise=alls=20:allf=t", "-t", str(STREAM_SECONDS)),
    *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", "8M", "-maxrate", "8M"),
    *("-bufsize", "8M", "-nal-hrd", "cbr", "-g", "30", "-keyint_min", "30", "-sc_threshold", "0", "-bf", "0"),
)


def ready_stream() -> Path:
    """The file, made with ffmpeg the first time and kept where the scripts keep their environments."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dashcam"
    path = cache / f"bench-{hashlib.sha256(' '.join(_RECIPE).encode()).hexdigest()[:12]}.mp4"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        making = path.with_name(f"{os.getpid()}-{path.name}")
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *_RECIPE, str(making)], check=True)
        os.replace(making, path)
    return path
