"""The file a clip grows in writes all or raises, and syncs before it writes below its end."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.media.durable_file import DurableFile, SyncInTurn


@pytest.fixture
def small_files() -> Iterator[int]:
    """Files may not grow past this many bytes: the kernel then writes short, and next fails."""
    limit = 100_000
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield limit
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_it_syncs_before_a_write_below_the_end_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    sizes_when_synced: list[int] = []
    file = DurableFile(path, lambda descriptor: sizes_when_synced.append(os.fstat(descriptor).st_size))
    file.write(b"a" * 1000)
    file.write(b"b" * 1000)
    assert sizes_when_synced == []
    file.seek(40)
    file.write(b"12345678")
    assert sizes_when_synced == [2000]
    file.seek(0, os.SEEK_END)
    file.write(b"c")
    assert sizes_when_synced == [2000]
    file.close()
    content = path.read_bytes()
    assert (len(content), content[40:48]) == (2001, b"12345678")


def test_a_short_write_raises_and_nothing_is_written_after_it(tmp_path: Path, small_files: int) -> None:
    file = DurableFile(tmp_path / "clip.mp4")
    file.write(b"a" * (small_files - 10))
    with pytest.raises(OSError, match="large") as caught:
        file.write(b"b" * 20)
    assert caught.value.errno == errno.EFBIG
    assert file.end == small_files
    file.seek(0)
    with pytest.raises(OSError, match="large"):
        file.write(b"c")
    file.close()
    assert (tmp_path / "clip.mp4").read_bytes()[:1] == b"a"


def test_a_sync_that_fails_counts_as_a_failed_write(tmp_path: Path) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    file = DurableFile(tmp_path / "clip.mp4", fail)
    file.write(b"a")
    with pytest.raises(OSError, match="Input/output"):
        file.sync()
    with pytest.raises(OSError, match="Input/output"):
        file.write(b"b")
    file.close()
    file.close()


def test_an_open_file_is_seen_to_be_open(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    file = DurableFile(path)
    with open(path, "rb") as other:
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
        file.close()
        fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)


def test_it_never_replaces_a_file(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        DurableFile(path)
    assert path.read_bytes() == b"precious"


def test_of_two_files_one_is_synced_after_the_other() -> None:
    """What is committed for one while another one's blocks are on their way would make that one's length durable."""
    under_way, may_end, order = threading.Event(), threading.Event(), list[str]()

    def sync(descriptor: int) -> None:
        order.append(f"{descriptor} begins")
        if descriptor == 1:
            under_way.set()
            may_end.wait(30)
        order.append(f"{descriptor} ends")

    in_turn = SyncInTurn(sync)
    first = threading.Thread(target=in_turn, args=(1,))
    second = threading.Thread(target=in_turn, args=(2,))
    first.start()
    assert under_way.wait(30)
    second.start()
    second.join(0.1)
    may_end.set()
    first.join(30)
    second.join(30)
    assert order == ["1 begins", "1 ends", "2 begins", "2 ends"]


def test_a_sync_that_fails_holds_up_no_other() -> None:
    def sync(descriptor: int) -> None:
        if descriptor == 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    in_turn = SyncInTurn(sync)
    with pytest.raises(OSError, match="Input/output"):
        in_turn(1)
    in_turn(2)
