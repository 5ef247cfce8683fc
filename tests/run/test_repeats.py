"""The same words come ever less often, others at once."""

from __future__ import annotations

from dashcam.run.repeats import Repeats


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_same_is_said_at_once_and_then_ever_less_often() -> None:
    clock = Clock()
    repeats, said = Repeats(clock), []
    for second in range(3 * 3600):
        clock.now = second
        if repeats.is_due("no camera"):
            said.append(second)
    assert said == [0, 60, 360, 1260, 4860, 8460]


def test_other_words_wait_for_nobody_and_what_was_forgotten_is_new() -> None:
    repeats = Repeats(Clock())
    assert [repeats.is_due(text) for text in ("a", "b", "a", "b")] == [True, True, False, False]
    repeats.forget()
    assert repeats.is_due("a")


def test_not_everything_is_remembered_for_ever() -> None:
    repeats = Repeats(Clock())
    assert all(repeats.is_due(str(number)) for number in range(10_000))
    assert repeats.is_due("0")
    assert not repeats.is_due("9999")
