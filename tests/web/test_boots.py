"""The page knows how long the last starts took."""

from __future__ import annotations

from dashcam.system.boot_times import BootLine, boots_path, encode_boot_line
from tests.web.sites import Site


def test_the_last_starts_and_their_figures_are_told(site: Site) -> None:
    for program, mark, seconds in (("recorder", "durable", 8.4), ("web", "served", 14.2)):
        path = boots_path(site.state, program)
        path.parent.mkdir(exist_ok=True)
        line = BootLine(kernel="a", program=program, boot=42, marks={"process": 4.0, mark: seconds})
        path.write_bytes(encode_boot_line(line))
    answer = site.ask("GET", "/api/boots")
    assert answer.status == 200
    assert [(boot["boot"], boot["has_gone_well"]) for boot in answer.json["boots"]] == [(42, False)]
    figures = {(figure["program"], figure["mark"]): figure for figure in answer.json["figures"]}
    assert figures["web", "served"]["median_seconds"] == 14.2
    assert figures["recorder", "durable"]["words"] == "recorder: first video on the card"


def test_a_new_dashcam_has_none(site: Site) -> None:
    assert site.ask("GET", "/api/boots").json == {"boots": [], "figures": []}
