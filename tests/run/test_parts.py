"""Each part gets the folders, settings and times it needs, and is a command that the command line understands."""

from __future__ import annotations

from pathlib import Path

from dashcam.options import ProgramOptions
from dashcam.run.parts import Part, child_environment, dashcam_parts, nothing_to_do
from dashcam.settings import load_settings


def parts(for_seconds: float | None = None, page_port: int | None = 8123) -> dict[str, Part]:
    options = ProgramOptions(
        Path("/a card"), Path("/a state"), load_settings(None), for_seconds=for_seconds, or_pattern=True
    )
    made = dashcam_parts(
        options, ["camera.name=rear window"], is_verbose=False, page_port=page_port, settle_keeper=nothing_to_do
    )
    return {part.name: part for part in made}


def test_every_part_works_on_the_same_folders_and_settings() -> None:
    for part in parts().values():
        words = part.command
        assert words[words.index("--data") + 1] == "/a card"
        assert words[words.index("--state") + 1] == "/a state"
        assert "--set=camera.name=rear window" in words


def test_only_the_recorder_may_draw_and_counts_the_time() -> None:
    made = parts(for_seconds=2.5)
    assert "--or-pattern" in made["recorder"].command
    assert made["recorder"].command[-3:-1] == ("--for", "2.5")
    assert made["recorder"].ends_when_done
    for name in ("keeper", "page"):
        assert "--for" not in made[name].command
        assert "--or-pattern" not in made[name].command
    assert not parts()["recorder"].ends_when_done


def test_the_page_gets_the_port_that_was_chosen_where_the_settings_name_none() -> None:
    assert parts()["page"].command[-2:] == ("--port", "8123")
    # Given on the command line it could not be changed from the page.
    assert "--port" not in parts(page_port=None)["page"].command


def test_recorder_first_and_page_recorder_keeper_at_the_end() -> None:
    made = parts()
    assert next(iter(made)) == "recorder"
    assert sorted(made, key=lambda name: made[name].stop_rank) == ["page", "recorder", "keeper"]


def test_the_recording_does_not_need_the_page() -> None:
    assert [name for name, part in parts().items() if not part.ends_all] == ["page"]


def test_children_find_this_very_package() -> None:
    root = child_environment()["PYTHONPATH"].split(":")[0]
    assert (Path(root) / "dashcam" / "run" / "parts.py").is_file()
