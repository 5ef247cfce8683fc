"""Edits of config.txt, fstab and cmdline.txt: on any text, back to the very same bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashcam.appliance.texts import block_of, first_line, with_block, with_words, without_block, words_of
from tests.appliance_install.trees import COMMAND_LINE, CONFIG

LINES = st.sampled_from(
    ["", "dtoverlay=vc4-kms-v3d", "#dtoverlay=vc4-kms-v3d", "dtoverlay=vc4-kms-v3d,cma-256", "[all]", "x=1  ", "# ü"]
)
ENDS = st.sampled_from(["\n", "\r\n"])
TEXTS = st.builds(
    lambda lines, end, last: end.join(lines) + last, st.lists(LINES, max_size=6), ENDS, st.sampled_from(["", "\n"])
)
IN_THE_WAY = r"dtoverlay=vc4-kms-v3d\s*$"
WORDS = st.lists(st.sampled_from(["root=/dev/sda", "quiet", "console=tty1", "a=1", 'b="x y"', "a.b=2"]), max_size=6)


@given(text=TEXTS, lines=st.lists(st.sampled_from(["[all]", "a=1", "b"]), max_size=3))
def test_a_block_leaves_no_trace(text: str, lines: list[str]) -> None:
    edited = with_block(text, "one", lines, IN_THE_WAY)
    assert block_of(edited, "one") == lines
    assert without_block(edited, "one") == text
    assert with_block(edited, "one", lines, IN_THE_WAY) == edited, "twice is once"
    twice = with_block(edited, "two", lines)
    assert without_block(without_block(twice, "two"), "one") == text
    # In another order only the missing end of the last line may be there then.
    assert without_block(without_block(twice, "one"), "two") in (text, text + "\n", text + "\r\n")


def test_a_block_is_where_the_firmware_reads_it() -> None:
    edited = with_block(CONFIG, "no-hdmi", ["[all]", "dtoverlay=vc4-kms-v3d,nohdmi"], IN_THE_WAY)
    lines = edited.splitlines()
    assert "#dashcam no-hdmi# dtoverlay=vc4-kms-v3d" in lines
    assert lines.index("[cm5]") < lines.index("dtoverlay=vc4-kms-v3d,nohdmi")
    assert [line for line in lines if line.startswith("dtoverlay=vc4")] == ["dtoverlay=vc4-kms-v3d,nohdmi"]


def test_what_looks_like_half_a_block_is_left_alone() -> None:
    begun = "a\n# >>> dashcam one: taken out again by scripts/install --remove\nb\n"
    assert without_block(begun, "one") == begun
    assert block_of(begun, "one") is None


@given(words=WORDS, space=st.sampled_from([" ", "  "]), end=st.sampled_from(["", "\n", "\r\n", "\nanother line\n"]))
def test_the_command_line_stays_one_line(words: list[str], space: str, end: str) -> None:
    text = space.join(words) + end
    edited = with_words(text, ["quiet", "a=2", "console=tty3"], ["console=tty1"])
    assert edited.count("\n") == text.count("\n")
    assert edited[len(first_line(edited)) :] == end
    found = words_of(edited)
    assert [word for word in found if word.startswith("a=")] == ["a=2"]
    assert "console=tty1" not in found
    assert "console=tty3" in found
    kept = [word for word in words if word in ("root=/dev/sda", 'b="x y"', "a.b=2")]
    assert [word for word in found if word in kept] == kept
    assert with_words(edited, ["quiet", "a=2", "console=tty3"], ["console=tty1"]) == edited


def test_the_words_of_raspberry_pi_os() -> None:
    edited = with_words(COMMAND_LINE, ["quiet", "cfg80211.ieee80211_regdom=DE"], ["console=serial0,115200"])
    assert edited == (
        "console=tty1 root=PARTUUID=4e639091-02 rootfstype=ext4 fsck.repair=yes rootwait quiet "
        "cfg80211.ieee80211_regdom=DE\n"
    )
    assert with_words(COMMAND_LINE, ["rootwait"], []) == COMMAND_LINE


def test_an_option_of_which_there_are_several_takes_no_other_away() -> None:
    line = "console=tty1 cgroup_enable=cpuset cgroup_disable=memory rootwait\n"
    edited = with_words(line, ["cgroup_enable=memory"], ["cgroup_disable=memory"])
    assert edited == "console=tty1 cgroup_enable=cpuset rootwait cgroup_enable=memory\n"
