"""`/api/settings`: every setting with what the page needs to show it, saving changes, and bringing them into force."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from bottle import HTTPResponse, request

from dashcam.camera.base import Mode
from dashcam.clips.catalogue import CatalogueReader
from dashcam.errors import AlreadyRunning, CameraError, CardError, DashcamError, LinkError, SettingsError
from dashcam.files import space_of
from dashcam.gps.ports import PortFinder, all_ports
from dashcam.settings import LoadedSettings, Settings, bytes_of, load_settings
from dashcam.settings.describe import SettingFact, SettingType, every_section, every_setting, value_of
from dashcam.settings.load import GIVEN, Origin
from dashcam.settings.profiles import PROFILES, Profile
from dashcam.settings.resolutions import Resolution, resolution_choices
from dashcam.settings.save import SettingsRefused, save_changes
from dashcam.settings.schema import Applies
from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.reply import json_reply, json_request
from dashcam.web.settings_deletions import CardUse, WouldDelete, refuse_deletion
from dashcam.web.settings_in_force import SettingsBusy, SettingsInForce
from dashcam.web.settings_rules import moving_refusals, refusals
from dashcam.web.status import StatusBoard
from dashcam.web.visitor import visitor

# What this machine has now, by the name of the setting.
_SUGGESTIONS: dict[str, PortFinder] = {"gps.device": all_ports}


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting as the page shows it. `default`: what it is without the page's own value."""

    name: str
    label: str
    help: str
    unit: str
    type: SettingType
    choices: tuple[Any, ...] | None
    low: float | None
    high: float | None
    low_is_excluded: bool
    longest: int | None
    suggestions: tuple[str, ...]
    """What is there to be chosen from, without a promise that nothing else would do."""
    value: Any
    default: Any
    saved: Any
    """What the page has saved; null: nothing."""
    origin: Origin
    applies: Applies


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A section with its settings, in the order of the schema."""

    name: str
    label: str
    help: str
    settings: list[Setting]


class SettingsPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer of GET and PATCH.

    Of PATCH only: `applied`, which of the changed settings are in force now, and `later`, which will be once the
    recorder or the keeper, which has not answered, is back.
    """

    sections: list[Section]
    mistakes: tuple[str, ...]
    pending: tuple[str, ...]
    profiles: tuple[Profile, ...]
    resolutions: list[Resolution]
    applied: list[str] | None = None
    later: list[str] | None = None


class SettingsChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of PATCH: values by full names; null goes back to the default."""

    changes: dict[str, Any]
    may_delete: bool = False
    """Saves although recordings are deleted at once for it; else that is refused, in words that say how much."""


class Applied(msgspec.Struct, frozen=True):
    """What still waits, and the page's new address if it has moved."""

    pending: tuple[str, ...]
    address: str | None


class SettingsResource:
    """Reads and writes the saved settings of one state folder."""

    def __init__(
        self, data: Path, state: Path, in_force: SettingsInForce, board: StatusBoard, catalogue: CatalogueReader
    ) -> None:
        self._data = data
        self._state = state
        self._in_force = in_force
        self._board = board
        self._catalogue = catalogue

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route("/api/settings", "GET", self.settings)
        app.route("/api/settings", "PATCH", self.change)
        app.route("/api/settings/apply", "POST", self.apply)

    @needs("owner")
    @describes(answers=SettingsPage)
    def settings(self) -> HTTPResponse:
        """Every setting, what is wrong with the files, what waits, and what can be chosen."""
        return json_reply(self._page(self._in_force.reload(), self._in_force.pending))

    @needs("owner")
    @describes(
        answers=SettingsPage,
        body=SettingsChanges,
        refuses=(SettingsRefused, WouldDelete, SettingsBusy, CameraError, CardError),
    )
    def change(self) -> HTTPResponse:
        """Saves changes, all or none; what can come into force at once does."""
        asked = json_request(SettingsChanges)
        changes = asked.changes
        with self._in_force.turn():
            self._save(changes, may_delete=asked.may_delete)
            taken = self._in_force.take_saved()
        loaded, pending, _ = taken
        waiting = {*pending, *(name for name, origin in loaded.origins.items() if origin in GIVEN)}
        done = [name for name in changes if name not in waiting]
        later = [name for name in done if taken.is_later(name)]
        applied = [name for name in done if name not in later]
        return json_reply(msgspec.structs.replace(self._page(loaded, pending), applied=applied, later=later))

    @needs("owner")
    @describes(answers=Applied, refuses=(CameraError, LinkError, SettingsBusy, AlreadyRunning, SettingsError))
    def apply(self) -> HTTPResponse:
        """Brings everything into force that waits: a second or two may not be recorded, and the page may move."""
        pending, moved_to = self._in_force.apply_all(visitor())
        return json_reply(Applied(pending, moved_to and _seen_from_outside(moved_to, request.get_header("Host", ""))))

    def _save(self, changes: Mapping[str, Any], *, may_delete: bool) -> None:
        use = self._card_use()
        storage = {name.partition(".")[2] for name in changes if name.startswith("storage.") and not may_delete}

        def refuse(wanted: Settings) -> dict[str, str]:
            below = self._in_force.without_saved().settings
            wrong = refusals(wanted, changes, below=below, data=self._data, called_at=visitor().called_at)
            return wrong | (moving_refusals(wanted, changes, below) if self._in_force.never_moves else {})

        def agree(wanted: Settings) -> None:
            if not storage:
                return
            now = self._in_force.reload()
            given = {name for name in storage if now.origins.get(f"storage.{name}") in GIVEN}
            new = {name: getattr(wanted.storage, name) for name in storage - given}
            before = self._board.settings.storage
            refuse_deletion(before, msgspec.structs.replace(before, **new), use)

        save_changes(
            self._state,
            changes,
            whole_bytes=None if use is None else use.whole_bytes,
            refuse=refuse,
            agree=agree,
        )

    def _card_use(self) -> CardUse | None:
        """None while the catalogue or the card cannot be read."""
        try:
            totals, locked = self._catalogue.totals(), self._catalogue.locked_total()
            free_bytes = space_of(self._data).free_bytes
        except (OSError, DashcamError):
            return None
        return CardUse({kind: total.bytes for kind, total in totals.items()}, locked.bytes, free_bytes)

    def _page(self, loaded: LoadedSettings, pending: tuple[str, ...]) -> SettingsPage:
        # What would be there if neither the page nor the boot partition said anything.
        below = load_settings(None, with_boot_file=False).settings
        facts = list(every_setting())
        sections = [
            Section(
                name=section.name,
                label=section.label,
                help=section.help,
                settings=[
                    _setting(fact, loaded, value_of(below, fact.name)) for fact in facts if fact.section == section.name
                ],
            )
            for section in every_section()
        ]
        return SettingsPage(
            sections=sections,
            mistakes=loaded.mistakes,
            pending=pending,
            profiles=PROFILES,
            resolutions=self._resolutions(loaded),
        )

    def _resolutions(self, loaded: LoadedSettings) -> list[Resolution]:
        recorder = self._board.recorder
        camera = recorder.camera if recorder else None
        settings = loaded.settings.camera
        kind = camera.kind if camera else settings.kind
        return resolution_choices(
            settings,
            modes=[
                Mode(width=mode.width, height=mode.height, fps=mode.fps) for mode in (camera.modes if camera else ())
            ],
            current=Mode(width=camera.width, height=camera.height, fps=camera.fps) if camera else None,
            may_choose=kind != "replay",
            loop_quota_bytes=self._loop_quota_bytes(loaded),
        )

    def _loop_quota_bytes(self, loaded: LoadedSettings) -> int | None:
        """Of the settings as they are now; the keeper's own figure follows some seconds later."""
        keeper = self._board.keeper
        if keeper is None or keeper.state in ("starting", "no_card"):
            return None
        try:
            free_bytes = space_of(self._data).free_bytes
            used_bytes = keeper.loop.bytes + keeper.event.bytes + keeper.photo.bytes
            return bytes_of(loaded.settings.storage.loop_quota, free_bytes + used_bytes)
        except (OSError, DashcamError):
            return None


def _seen_from_outside(address: str, host_header: str) -> str:
    """A page that listens everywhere is still called what this request has called it."""
    listens_at, called = urlsplit(address), urlsplit(f"//{host_header}").hostname
    if listens_at.hostname not in ("0.0.0.0", "::") or not called:
        return address
    return f"http://{f'[{called}]' if ':' in called else called}:{listens_at.port}"


def _setting(fact: SettingFact, loaded: LoadedSettings, default: Any) -> Setting:
    return Setting(
        name=fact.name,
        label=fact.label,
        help=fact.help,
        unit=fact.unit,
        type=fact.kind,
        choices=fact.choices,
        low=fact.low,
        high=fact.high,
        low_is_excluded=fact.low_is_excluded,
        longest=fact.longest,
        suggestions=tuple(_SUGGESTIONS[fact.name]()) if fact.name in _SUGGESTIONS else (),
        value=value_of(loaded.settings, fact.name),
        default=default,
        saved=loaded.saved.get(fact.name),
        origin=loaded.origins.get(fact.name, "default"),
        applies=fact.applies,
    )
