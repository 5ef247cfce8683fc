"""The arm64 appliance started under QEMU's `virt` machine: it records what a film shows, and serves the page.

python -m tests.vm.arm64_rig [--work FOLDER]. Debian's kernel, no camera, no Wi-Fi; its seconds are QEMU's, not a Pi's.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import CHECKOUT
from tests.endurance.child_process import dies_with_us, tidy_up_on_sigterm
from tests.made_videos import counting, write_video

_MARK = "DASHCAM-RIG "
_LIMIT_SECONDS = 1200
_IMAGE_BYTES = 3 * 1024**3
_KERNEL_LINE = (
    "root=LABEL=root rw console=ttyAMA0 net.ifnames=0 quiet systemd.show_status=0 "
    "systemd.mask=serial-getty@ttyAMA0.service"
)
_FILM_SECONDS, _FILM_RATE = 4, 25
_FILM = "/usr/share/dashcam-test/film.mp4"
_SETTINGS = f'[camera]\nkind = "replay"\nsource = "{_FILM}"\n'
# DefaultDependencies=no: it shall look on from the start, and hold up nothing.
_UNIT = """\
[Unit]
Description=Looks at the start and switches off
DefaultDependencies=no

[Service]
Type=exec
ExecStart=/opt/dashcam/venv/bin/python -I /opt/rig/look.py
StandardOutput=tty
StandardError=inherit
TTYPath=/dev/ttyAMA0
ExecStopPost=/bin/systemctl poweroff --no-block
"""
_LOOK = (
    """
import json, platform, subprocess, time, urllib.request

UNITS = ("dashcam-recorder.service", "dashcam-web.service", "NetworkManager.service", "multi-user.target")

def tell(**facts):
    print("\\n"""
    + _MARK
    + """" + json.dumps(facts), flush=True)

def number(unit, name):
    words = ["systemctl", "show", unit, f"--property={name}", "--value"]
    return int(subprocess.run(words, capture_output=True, text=True).stdout.strip() or 0)

def active_at(unit):
    return number(unit, "ActiveEnterTimestampMonotonic") / 1e6

def page():
    try:
        with urllib.request.urlopen("http://127.0.0.1/", timeout=60) as answer:
            return answer.status
    except OSError:
        return 0

until, waiting = time.monotonic() + 600, list(UNITS)
while waiting and time.monotonic() < until:
    for unit in [unit for unit in waiting if active_at(unit)]:
        waiting.remove(unit)
        tell(unit=unit, seconds=active_at(unit), restarts=number(unit, "NRestarts"))
    time.sleep(1)
status = 0
while not status and time.monotonic() < until:
    status = page()
with urllib.request.urlopen("http://127.0.0.1/api/status", timeout=60) as answer:
    recorder = json.load(answer)["recorder"]
tell(
    machine=platform.machine(), page=status, is_recording=recorder["is_recording"], frames=recorder["frames_written"],
    clip=(recorder["open_clip"] or {}).get("path", ""), dropped=recorder["queue"]["dropped_frames"],
    uptime=time.clock_gettime(time.CLOCK_BOOTTIME),
)
"""
)


def _prepare(work: Path) -> None:
    """Tree, kernel, start disk and the image of the root file system."""
    tree = work / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    build = [str(CHECKOUT / "os-image" / "build-tree"), "--architecture", "arm64", "--kernel", str(tree)]
    subprocess.run(build, check=True)
    for name, pattern in (("vmlinuz", "vmlinuz-*"), ("initrd.img", "initrd.img-*")):
        shutil.copy(next((tree / "boot").glob(pattern)), work / name)
    (tree / "etc/fstab").write_text("LABEL=root / ext4 noatime 0 1\n")
    (tree / "etc/dashcam/dashcam.toml").write_text(_SETTINGS)
    film = tree / _FILM.lstrip("/")
    film.parent.mkdir(parents=True)
    write_video(film, counting(_FILM_SECONDS * _FILM_RATE, _FILM_RATE), rate=_FILM_RATE)
    (tree / "opt/rig").mkdir()
    (tree / "opt/rig/look.py").write_text(_LOOK)
    units = tree / "etc/systemd/system"
    (units / "rig.service").write_text(_UNIT)
    (units / "sysinit.target.wants").mkdir(exist_ok=True)
    (units / "sysinit.target.wants/rig.service").symlink_to("/etc/systemd/system/rig.service")
    image = work / "root.ext4"
    with image.open("wb") as file:
        file.truncate(_IMAGE_BYTES)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-L", "root", "-d", str(tree), str(image)], check=True)


def _start(work: Path) -> list[dict[str, object]]:
    """What was told from inside until the machine was off."""
    words = ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53", "-accel", "tcg,thread=multi", "-smp", "4"]
    words += ["-m", "512", "-nodefaults", "-no-reboot", "-display", "none", "-monitor", "none", "-serial", "stdio"]
    words += ["-kernel", str(work / "vmlinuz"), "-initrd", str(work / "initrd.img"), "-append", _KERNEL_LINE]
    words += ["-drive", f"file={work / 'root.ext4'},if=virtio,format=raw,snapshot=on", "-device", "virtio-rng-pci"]
    console = work / "console"
    with open(console, "wb") as log:
        machine = ["timeout", "--kill-after=5", str(_LIMIT_SECONDS), *words]
        subprocess.run(dies_with_us(machine), stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
    lines = console.read_text(errors="replace").splitlines()
    return [json.loads(line.removeprefix(_MARK)) for line in lines if line.startswith(_MARK)]


def main() -> int:
    """Builds, starts, prints; gives 1 when it did not record or served no page."""
    parser = argparse.ArgumentParser(description="The arm64 appliance under QEMU")
    parser.add_argument("--work", type=Path, help="a folder for tree, image and console; else one that goes again")
    chosen = parser.parse_args()
    tidy_up_on_sigterm()
    with tempfile.TemporaryDirectory(prefix="dashcam-arm64-") as folder:
        work = Path(chosen.work or folder)
        work.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        _prepare(work)
        print(f"built in {time.monotonic() - started:.0f} s; it starts now, which takes minutes", flush=True)
        started = time.monotonic()
        told = _start(work)
        for facts in told:
            print(" ".join(f"{name}={value}" for name, value in facts.items()))
        print(f"over after {time.monotonic() - started:.0f} s of this machine's time")
        end = told[-1] if told else {}
        is_fine = end.get("page") == 200 and end.get("is_recording") is True and end.get("machine") == "aarch64"
        if not is_fine:
            print((work / "console").read_text(errors="replace")[-5000:])
        print("it records and serves its page" if is_fine else "NOT as it should be")
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
