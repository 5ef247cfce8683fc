"""setup.cfg: what is installed is what lies in the checkout, and every dependency says who needs it."""

from __future__ import annotations

import configparser
from pathlib import Path

import dashcam

CHECKOUT = Path(__file__).resolve().parent.parent


def settings() -> configparser.RawConfigParser:
    """setup.cfg as setuptools reads it."""
    parsed = configparser.RawConfigParser()
    parsed.read(CHECKOUT / "setup.cfg")
    return parsed


def test_every_page_and_template_is_installed_where_it_lies() -> None:
    installed = {
        (folder.removeprefix("share/dashcam/"), path)
        for folder, patterns in settings()["options.data_files"].items()
        for pattern in patterns.split()
        for path in CHECKOUT.glob(pattern)
    }
    meant = {path for name in ("www", "netconfig") for path in (CHECKOUT / name).rglob("*") if path.is_file()}
    assert installed == {(path.parent.relative_to(CHECKOUT).as_posix(), path) for path in meant}


def test_every_dependency_says_who_needs_it() -> None:
    """The raw text, because the comment above each is what counts."""
    section = (CHECKOUT / "setup.cfg").read_text().split("install_requires =\n")[1].split("\n[")[0].strip().splitlines()
    above = dict(zip(section[1:], section[:-1], strict=True))
    requirements = settings()["options"]["install_requires"].split()
    for line in section:
        assert line.strip().startswith("#") or above[line].strip().startswith("#"), line
    assert [line.strip() for line in section if not line.strip().startswith("#")] == requirements


def test_the_version_is_written_once() -> None:
    assert settings()["metadata"]["version"] == "attr: dashcam.__version__"
    assert dashcam.__version__.count(".") == 2


def test_tools_of_tests_are_pinned() -> None:
    for extra, requirements in settings()["options.extras_require"].items():
        assert all("==" in line for line in requirements.split()), extra
