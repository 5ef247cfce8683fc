"""The network program's side of the shares, with a root that only notes what is wanted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from dashcam.link.network_messages import ShareKind, ShareStatus
from dashcam.network.own_folder import own_folder
from dashcam.network.shares import Shares
from dashcam.network.wanted import SECRETS_NAME, WANTED_NAME, Applied, Wanted
from dashcam.system.runtime_folder import runtime_folder
from tests.shares.stand_in_systemd import StandInSystemd

SECOND = 1_000_000_000


@dataclass
class Rig:
    """The network program's side, root's side that only notes what is wanted, and systemd between them."""

    shares: Shares
    systemd: StandInSystemd
    state: Path
    applied: Path
    address: str
    now_ns: int = 0
    password: str = ""
    answer: dict[str, str] = field(default_factory=dict)

    def new_shares(self) -> Shares:
        """As after a start of the program."""
        return Shares(self.state, bus_address=self.address, applied=self.applied, monotonic_ns=lambda: self.now_ns)

    def root_applies(self) -> None:
        secret = runtime_folder(self.state, "network") / SECRETS_NAME
        if secret.exists() and "password" not in self.answer:
            self.password = msgspec.json.decode(secret.read_bytes())["password"]
            assert secret.stat().st_mode & 0o777 == 0o600
        secret.unlink(missing_ok=True)
        content = (own_folder(self.state) / WANTED_NAME).read_bytes()
        msgspec.json.decode(content, type=Wanted)
        fingerprint = hashlib.sha256(content).hexdigest()
        applied = Applied(
            wanted_sha256=fingerprint,
            has_password=bool(self.password),
            smb=self.answer.get("smb", ""),
            password=self.answer.get("password", ""),
        )
        self.applied.unlink(missing_ok=True)
        self.applied.write_bytes(msgspec.json.encode(applied))

    def turn(self, times: int = 4) -> None:
        for _ in range(times):
            self.now_ns += 20 * SECOND
            self.shares.turn()

    def done(self) -> list[tuple[str, str]]:
        found, self.systemd.done = self.systemd.done, []
        return found

    def wanted(self) -> Wanted:
        return msgspec.json.decode((own_folder(self.state) / WANTED_NAME).read_bytes(), type=Wanted)

    def status(self, kind: ShareKind) -> ShareStatus:
        [found] = [share for share in self.shares.status("dashcam", ("10.41.0.1",)) if share.kind == kind]
        return found
