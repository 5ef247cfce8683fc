"""Starts, power cuts, memory limits and a webcam in the virtual machine: `scripts/rig-boot`.

`python -m tests.vm.boot_rig [--cuts N] [--only order|cuts|caps|webcam] [--folder DIR]`
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.vm.machine import Drive, Machine, add_film, add_trials, build_tree, make_disk

PROMISED_SECONDS = 2.0
_LIMIT_SECONDS = 1800.0
_DATA_BYTES = 512 * 1024**2
_WEBCAM = """
[camera]
kind = "usb"
width = 320
height = 180
fps = 5
[recording]
segment_seconds = 5
"""
# As the project that this one comes from did it: no unit, at the end of multi-user, into the background.
_RC_LOCAL = """\
#!/bin/sh
install -d -m 0755 /run/dashcam
install -d -o dashcam-recorder -g dashcam-state -m 0750 /run/dashcam/recorder
export DASHCAM_RUNTIME=/run/dashcam
setpriv --reuid dashcam-recorder --regid dashcam-state --groups dashcam,dashcam-card \
    /opt/dashcam/venv/bin/python -m dashcam record --data /data --state /var/lib/dashcam >/dev/null 2>&1 &
exit 0
"""


class Rig:
    """The tree, and disks made of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tree = build_tree(folder)
        self.bad: list[str] = []
        add_trials(self.tree, has_radios=True)
        self._replay = add_film(self.tree)
        self._settings = self.tree / "etc/dashcam/dashcam.toml"
        self._installed = self._settings.read_text()

    def disk(self, name: str, settings: str | None = None) -> Path:
        """A disk of the tree as it is now, with these settings behind those that were installed; None: a replay's."""
        self._settings.write_text(self._installed + (self._replay if settings is None else settings))
        path = self.folder / f"{name}.ext4"
        make_disk(self.tree, path)
        return path

    def told(self, trial: str, *drives: Drive, more: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """What a trial tells until the machine is off; what is bad is kept."""
        machine = Machine(self.folder, drives, trial, self.folder / "serial.log", is_hurried=False, more=more)
        machine.start()
        try:
            for fact in machine.lines(_LIMIT_SECONDS):
                if fact["kind"] != "recorded":
                    print(f"{trial} {' '.join(more)}: {fact}", flush=True)
                if fact["kind"] == "failed" or fact.get("good") is False:
                    self.bad.append(f"{trial}: {fact}")
        except TimeoutError as error:
            self.bad.append(str(error))
        finally:
            machine.close()
        return machine.told


def order(rig: Rig) -> None:
    """Ours, and the recorder at the end of multi-user as rc.local starts it."""
    ours = rig.told("order", Drive(rig.disk("root"), is_throwaway=True))
    local = rig.tree / "etc/rc.local"
    local.write_text(_RC_LOCAL)
    local.chmod(0o755)
    try:
        disk = Drive(rig.disk("root"), is_throwaway=True)
    finally:
        local.unlink()
    theirs = rig.told("order", disk, more=("was=rc.local", "systemd.mask=dashcam-recorder.service"))
    one, other = (next((fact["durable"] for fact in told if fact["kind"] == "order"), 0.0) for told in (ours, theirs))
    if one and other:
        print(f"first durable fragment: {one:.1f} s, from rc.local {other:.1f} s: {other / one:.2f} times as long")


def caps(rig: Rig) -> None:
    """Limits of memory, which a container here cannot enforce."""
    rig.told("caps", Drive(rig.disk("root"), is_throwaway=True))


def webcam(rig: Rig) -> None:
    """The driver `vivid`, loaded at the start as that of a webcam is."""
    modules, options = rig.tree / "etc/modules-load.d/rig-webcam.conf", rig.tree / "etc/modprobe.d/rig-webcam.conf"
    modules.write_text("vivid\n")
    options.write_text("options vivid n_devs=1 node_types=0x1 input_types=0x00\n")
    try:
        rig.told("webcam", Drive(rig.disk("root", _WEBCAM), is_throwaway=True))
    finally:
        modules.unlink()
        options.unlink()


def cuts(rig: Rig, count: int) -> None:
    """The plug is pulled while it records, on each file system, `count` times each."""
    for kind in ("ext4", "exfat"):
        lost = [_cut(rig, kind, number) for number in range(count)]
        known = [seconds for seconds in lost if seconds is not None]
        worst = max(known, default=0.0)
        median = statistics.median(known) if known else 0.0
        print(f"{kind}: {len(known)} cuts, lost median {median:.2f} s, worst {worst:.2f} s")
        if worst > PROMISED_SECONDS:
            rig.bad.append(f"{kind}: {worst:.2f} s lost")


def _cut(rig: Rig, kind: str, number: int) -> float | None:
    root, data = rig.folder / f"{kind}.root.ext4", rig.folder / f"{kind}.data"
    if number == 0:
        (rig.tree / "data").mkdir(exist_ok=True)
        with _mounted_data(rig.tree, kind):
            shutil.copy(rig.disk("root"), root)
        _make_data(rig.tree, kind, data)
    drives = (Drive(root), Drive(data))
    machine = Machine(rig.folder, drives, "recording", rig.folder / "serial.log")
    machine.start()
    told: list[dict[str, Any]] = []
    pull_at: float | None = None
    try:
        for fact in machine.lines(_LIMIT_SECONDS):
            told.append(fact)
            if fact["kind"] == "recorded" and pull_at is None:
                pull_at = time.monotonic() + random.uniform(3, 12)
            if pull_at is not None and time.monotonic() >= pull_at:
                break
    finally:
        machine.pull_the_plug()
    checked = subprocess.run(_fsck(kind, data), capture_output=True, text=True, check=False)
    after = rig.told("looking", *drives)
    return _compare(rig, told, after, f"{kind} {number} (fsck {checked.returncode})")


def _compare(rig: Rig, told: list[dict[str, Any]], after: list[dict[str, Any]], name: str) -> float | None:
    """What is missing, in seconds, counted from the last that was told."""
    last = next((fact for fact in reversed(told) if fact["kind"] == "recorded"), None)
    clips = [fact for fact in after if fact["kind"] == "clip"]
    if last is None or not clips:
        rig.bad.append(f"{name}: nothing was told or found")
        return None
    by_path = {fact["path"]: fact for fact in clips}
    for closed in (fact for fact in told if fact["kind"] == "closed"):
        found = by_path.get(closed["path"])
        if found is None or found.get("sha256") != closed["sha256"]:
            rig.bad.append(f"{name}: {closed['path']} was closed and is not as it was: {found}")
    frames = sum(fact.get("frames", 0) for fact in clips if fact.get("boot") == last["boot"])
    seconds: float = max(0.0, (last["frames"] - frames) / last["fps"])
    print(f"{name}: {frames} of {last['frames']} frames, {seconds:.2f} s missing", flush=True)
    return seconds


@contextmanager
def _mounted_data(tree: Path, kind: str) -> Iterator[None]:
    fstab = tree / "etc/fstab"
    before = fstab.read_text() if fstab.exists() else ""
    options = "noatime,nodev,nosuid,noexec"
    if kind == "exfat":
        options += ",uid={},gid={},fmask=0133,dmask=0002".format(*_ids(tree))
    fstab.write_text(f"{before}/dev/vdb /data {kind} {options} 0 0\n")
    try:
        yield
    finally:
        fstab.write_text(before)


def _ids(tree: Path) -> tuple[int, int]:
    """The recorder's user and the card's group in the tree."""
    users = {line.split(":")[0]: int(line.split(":")[2]) for line in (tree / "etc/passwd").read_text().splitlines()}
    groups = {line.split(":")[0]: int(line.split(":")[2]) for line in (tree / "etc/group").read_text().splitlines()}
    return users["dashcam-recorder"], groups["dashcam-card"]


def _make_data(tree: Path, kind: str, image: Path) -> None:
    with image.open("wb") as file:
        file.truncate(_DATA_BYTES)
    if kind == "exfat":
        subprocess.run(["mkfs.exfat", "-q", str(image)], check=True)
        return
    content = image.with_suffix(".content")
    user, group = _ids(tree)
    (content / "DCIM").mkdir(parents=True)
    shutil.chown(content / "DCIM", user, group)
    (content / "DCIM").chmod(0o2775)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", str(content), str(image)], check=True)
    shutil.rmtree(content)


def _fsck(kind: str, image: Path) -> list[str]:
    return ["e2fsck", "-p", str(image)] if kind == "ext4" else ["fsck.exfat", "-p", str(image)]


def main() -> int:
    """0 when all was as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=10, help="power cuts on each file system")
    parser.add_argument("--only", choices=("order", "cuts", "caps", "webcam"))
    parser.add_argument("--folder", type=Path, help="where tree, disks and console logs stay; else they are removed")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="dashcam-rig-") as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        rig = Rig(folder)
        for name, part in (("order", order), ("caps", caps), ("webcam", webcam)):
            if asked.only in (None, name):
                part(rig)
        if asked.only in (None, "cuts"):
            cuts(rig, asked.cuts)
    print("\n".join(rig.bad) or "all as it should be")
    return 1 if rig.bad else 0


if __name__ == "__main__":
    sys.exit(main())
