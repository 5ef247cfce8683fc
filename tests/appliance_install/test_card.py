"""Partitions and file systems, with the real tools on files: what holds anything is formatted only when told twice."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from dashcam.appliance.card import (
    ALIGNMENT_BYTES,
    LEAST_BYTES,
    Area,
    CardRefused,
    Content,
    append_partition,
    content_of,
    make_file_system,
    room_at_end,
    size_of,
)
from dashcam.appliance.data_partition import (
    FREE,
    DataPartition,
    changes_for,
    fstab_line,
    must_format,
    prepare,
    prepare_room,
)
from dashcam.appliance.edits import EditBlock
from dashcam.appliance.machine import Machine
from dashcam.appliance.plan import plan_for
from dashcam.system.patient_tool import run_patiently
from tests.appliance_install.trees import wishes

MIB = 1024 * 1024
PI_TABLE = f"label: dos\nstart={8 * MIB // 512}, size={64 * MIB // 512}, type=c\nsize={256 * MIB // 512}, type=83\n"


def make_card(path: Path, table: str = PI_TABLE, size: int = 4 * 1024 * MIB) -> Path:
    """A card as Raspberry Pi OS has it, smaller; a file with holes."""
    path.touch()
    os.truncate(path, size)
    run_patiently(["sfdisk", "--quiet", str(path)], table.encode())
    return path


def partitions(card: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run_patiently(["sfdisk", "--json", str(card)]))["partitiontable"][
        "partitions"
    ]
    return found


def start_of_card(card: Path) -> str:
    """All up to the room at the end, but for the table itself."""
    with card.open("rb") as file:
        file.seek(512)
        return hashlib.sha256(file.read(328 * MIB - 512)).hexdigest()


def test_the_room_at_the_end_becomes_a_partition_with_a_file_system(tmp_path: Path) -> None:
    card = make_card(tmp_path / "card.img")
    before, untouched = partitions(card), start_of_card(card)
    said: list[str] = []
    made = prepare_room(Machine(), room_at_end(str(card)), "", said.append, is_trial=False)
    assert made.kind == "ext4"
    after = partitions(card)
    assert after[:2] == before
    assert len(after) == 3
    start, size = int(str(after[2]["start"])) * 512, int(str(after[2]["size"])) * 512
    assert start % ALIGNMENT_BYTES == 0
    assert size_of(str(card)) - (start + size) < ALIGNMENT_BYTES
    assert start_of_card(card) == untouched
    found = content_of(Area(str(card), start, size))
    assert (found.kind, found.uuid, found.label) == ("ext4", made.uuid, "DCIM")
    assert re.fullmatch(r"[0-9a-f-]{36}", made.uuid)
    assert "make a partition of the 3" in said[0]


def test_the_file_system_is_sound_and_fills_its_partition(tmp_path: Path) -> None:
    card = make_card(tmp_path / "card.img")
    room = room_at_end(str(card))
    assert append_partition(room) == 3
    seed = tmp_path / "seed"
    (seed / "DCIM").mkdir(parents=True)
    (seed / "DCIM").chmod(0o2775)
    make_file_system(room, seed=seed)
    # So e2fsprogs call a file system that begins amid a file.
    inside = f"{card}?offset={room.offset}"
    subprocess.run(["e2fsck", "-f", "-n", inside], check=True, capture_output=True)
    facts = run_patiently(["dumpe2fs", "-h", inside])
    assert re.search(r"Reserved block count:\s+0\n", facts)
    blocks, block = (int(match) for match in re.findall(r"Block (?:count|size):\s+(\d+)\n", facts))
    assert blocks * block == room.size
    assert "Mode:  02775" in run_patiently(["debugfs", "-R", "stat /DCIM", inside])


def test_a_trial_makes_nothing(tmp_path: Path) -> None:
    card = make_card(tmp_path / "card.img")
    before = partitions(card)
    assert prepare_room(Machine(), room_at_end(str(card)), "", lambda _: None, is_trial=True).uuid == ""
    assert partitions(card) == before


def test_what_lies_in_the_room_without_a_partition_is_not_lost(tmp_path: Path) -> None:
    """A partition that was deleted in the table has its files yet."""
    card = make_card(tmp_path / "card.img")
    room = room_at_end(str(card))
    make_file_system(room)
    before = content_of(room)
    assert before.kind == "ext4"
    with pytest.raises(CardRefused, match=r"holds ext4 called DCIM: nothing was touched.*--erase free"):
        prepare_room(Machine(), room, "", lambda _: None, is_trial=False)
    assert len(partitions(card)) == 2
    assert content_of(room) == before
    made = prepare_room(Machine(), room, FREE, lambda _: None, is_trial=False)
    assert made.uuid != before.uuid
    assert len(partitions(card)) == 3


@pytest.mark.parametrize("where", [0, 700 * MIB, 3 * 1024 * MIB])
def test_bytes_that_no_tool_knows_are_something(tmp_path: Path, where: int) -> None:
    image = tmp_path / "image"
    image.touch()
    os.truncate(image, 3 * 1024 * MIB + MIB)
    area = Area(str(image), 0, size_of(str(image)))
    assert content_of(area).is_empty
    with image.open("r+b") as file:
        step = area.size // 16
        file.seek(min(where // step * step + 1000, area.size - 1))
        file.write(b"x")
    assert not content_of(area).is_empty
    assert content_of(area).words() == "something unknown"


def test_a_partition_table_and_swap_are_something(tmp_path: Path) -> None:
    card = make_card(tmp_path / "card.img")
    assert content_of(Area(str(card), 0, size_of(str(card)))).words() == "a dos partition table"
    swap = tmp_path / "swap"
    swap.touch()
    os.truncate(swap, 64 * MIB)
    run_patiently(["mkswap", str(swap)])
    assert content_of(Area(str(swap), 0, 64 * MIB)).kind == "swap"


FULL = PI_TABLE + f"size={64 * MIB // 512}, type=83\nsize={64 * MIB // 512}, type=83\n"
EXTENDED = PI_TABLE + f"size={512 * MIB // 512}, type=5\n"
GROWN = f"label: dos\nstart={8 * MIB // 512}, size={64 * MIB // 512}, type=c\nstart={72 * MIB // 512}, type=83\n"


@pytest.mark.parametrize(
    ("table", "cure"),
    [
        (FULL, "four partitions already.*name one of them"),
        (EXTENDED, "make the partition yourself"),
        (GROWN, r"no room behind its last partition \(0 MB\).*Leave out --data-partition"),
    ],
)
def test_cards_without_room_are_left_as_they_are(tmp_path: Path, table: str, cure: str) -> None:
    card = make_card(tmp_path / "card.img", table)
    before = partitions(card)
    with pytest.raises(CardRefused, match=cure):
        room_at_end(str(card))
    assert partitions(card) == before


def test_a_card_without_a_table_is_refused(tmp_path: Path) -> None:
    card = tmp_path / "card.img"
    card.touch()
    os.truncate(card, 4 * 1024 * MIB)
    with pytest.raises(CardRefused, match="no partition table"):
        room_at_end(str(card))


def test_a_gpt_disk_keeps_its_copy_at_the_end(tmp_path: Path) -> None:
    card = make_card(tmp_path / "card.img", f"label: gpt\nstart={8 * MIB // 512}, size={64 * MIB // 512}, type=L\n")
    room = room_at_end(str(card))
    assert append_partition(room) == 2
    make_file_system(room)
    run_patiently(["sfdisk", "--verify", str(card)])
    assert content_of(room).kind == "ext4"


EMPTY, EXT4, NTFS = Content(), Content("ext4", "4711", "DCIM"), Content("ntfs")


@pytest.mark.parametrize(
    ("content", "mounted", "erase", "formats"),
    [
        (EMPTY, "", "", True),
        (EXT4, "", "", False),
        (EXT4, "/data", "", False),
        (Content("exfat", "12-34"), "", "", False),
        # Said twice.
        (EXT4, "", "/dev/sdz1", True),
        (NTFS, "", "/dev/sdz1", True),
        (Content(has_bytes=True), "", "/dev/sdz1", True),
    ],
)
def test_what_is_formatted(content: Content, mounted: str, erase: str, formats: bool) -> None:
    assert must_format("/dev/sdz1", content, LEAST_BYTES, mounted, erase) == formats


@pytest.mark.parametrize(
    ("content", "size", "mounted", "erase", "words"),
    [
        (NTFS, LEAST_BYTES, "", "", "holds ntfs: nothing was touched.*--data-partition /dev/sdz1 --erase /dev/sdz1"),
        (Content(has_bytes=True), LEAST_BYTES, "", "", "something unknown"),
        (Content("crypto_LUKS"), LEAST_BYTES, "", "", "crypto_LUKS"),
        # Said twice, but not of the same.
        (NTFS, LEAST_BYTES, "", "/dev/sdz2", "is not what --data-partition names"),
        (EMPTY, LEAST_BYTES, "", "/dev/sdz", "is not what --data-partition names"),
        # In use: said as often as one likes.
        (EXT4, LEAST_BYTES, "/", "/dev/sdz1", r"in use \(/\)"),
        (EMPTY, LEAST_BYTES, "[SWAP]", "/dev/sdz1", "in use"),
        (EMPTY, LEAST_BYTES, "it has parts: /dev/sdz1", "/dev/sdz1", "in use"),
        (EXT4, LEAST_BYTES, "/data", "/dev/sdz1", "unmount it first"),
        (EMPTY, LEAST_BYTES - 1, "", "", "at least 1024 MB"),
    ],
)
def test_what_is_refused(content: Content, size: int, mounted: str, erase: str, words: str) -> None:
    with pytest.raises(CardRefused, match=words):
        must_format("/dev/sdz1", content, size, mounted, erase)


def test_a_file_or_a_name_that_is_nothing_is_no_partition(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for name in (str(tmp_path / "file"), "/dev/no-such-thing"):
        with pytest.raises(CardRefused, match="no partition; `lsblk`"):
            prepare(Machine(), name, name, lambda _: None, is_trial=False)
    assert (tmp_path / "file").read_text() == "mine"


def test_the_line_in_fstab_is_safe_and_patient(tmp_path: Path) -> None:
    for kind in ("ext4", "exfat"):
        line = fstab_line(DataPartition("4711", kind))
        assert line.startswith(f"UUID=4711 /data {kind} ")
        options = set(line.split()[3].split(","))
        assert {"noatime", "nodev", "nosuid", "noexec", "nofail", "x-systemd.device-timeout=5s"} <= options
        fstab = tmp_path / "fstab"
        fstab.write_text(line + "\n")
        # A tool that reads fstab understands it.
        found = run_patiently(["findmnt", "--fstab", "--tab-file", str(fstab), "--noheadings", "-o", "TARGET,FSTYPE"])
        assert found.split() == ["/data", kind]


def test_the_partition_is_mounted_before_folders_are_made_in_it(tmp_path: Path) -> None:
    keys = [change.key for change in plan_for(Machine(tmp_path), wishes(data_uuid="4711", data_kind="ext4"))]
    assert keys.index("users") < keys.index("/etc/fstab data") < keys.index("mount /data") < keys.index("/data/")


def test_the_block_in_fstab_has_one_line() -> None:
    block = changes_for(DataPartition("4711", "ext4"))[0]
    assert isinstance(block, EditBlock)
    assert len(block.lines) == 1
