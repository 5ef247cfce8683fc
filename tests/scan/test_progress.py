"""The bar: on a terminal only, never wider than it, and with a time left that means something."""

from __future__ import annotations

import io

from dashcam.scan.progress import Bar, bar_line


def test_it_says_how_much_is_done_and_how_long_the_rest_takes() -> None:
    assert bar_line("one.mp4 ", 0.25, 10.0, 80) == "one.mp4  [#####...............]  25 %, 30 s left"
    assert bar_line("one.mp4 ", 0.5, 600.0, 80).endswith(" 50 %, 10 min left")


def test_at_the_beginning_nobody_knows() -> None:
    assert bar_line("one.mp4 ", 0.0, 1.0, 80).endswith("]   0 %")


def test_it_is_narrower_than_the_terminal() -> None:
    for columns in range(10, 120):
        assert len(bar_line("a long name of a file.mp4 ", 0.5, 10.0, columns)) < columns


def test_a_pipe_gets_nothing() -> None:
    stream = io.StringIO()
    bar = Bar(stream)
    bar.begin()
    bar.show("words", 0.5)
    bar.clear()
    assert stream.getvalue() == ""
    assert not bar.is_shown
