"""A folder and the tree of a Raspberry Pi OS, for all tests here."""

from __future__ import annotations

from tests.appliance_install.trees import folder_fixture, pi_fixture

__all__ = ["folder_fixture", "pi_fixture"]
