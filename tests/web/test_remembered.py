"""What is costly to find out is found out rarely, and never by two at once."""

from __future__ import annotations

import threading

from dashcam.web.remembered import Remembered


def test_it_is_found_out_anew_once_it_is_no_longer_fresh() -> None:
    now, asked = [100.0], list[int]()

    def find() -> int:
        asked.append(len(asked))
        return len(asked)

    remembered = Remembered(find, 2.0, monotonic=lambda: now[0])
    assert asked == []
    assert [remembered() for _ in range(3)] == [1, 1, 1]
    now[0] = 102.0
    assert [remembered() for _ in range(3)] == [2, 2, 2]


def test_while_one_finds_out_the_others_take_the_last_value() -> None:
    now, is_asked, may_go_on = [0.0], threading.Event(), threading.Event()
    may_go_on.set()

    def find() -> float:
        is_asked.set()
        may_go_on.wait(60)
        return now[0]

    remembered = Remembered(find, 1.0, monotonic=lambda: now[0])
    assert remembered() == 0.0
    is_asked.clear()
    may_go_on.clear()
    now[0] = 5.0
    slow = threading.Thread(target=remembered)
    slow.start()
    assert is_asked.wait(60)
    assert remembered() == 0.0
    may_go_on.set()
    slow.join(60)
    assert remembered() == 5.0
