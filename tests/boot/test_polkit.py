"""Who may ask the system for what, by the rules file that polkit reads: each program its few things, and no others."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from dashcam.network.timedate import TIME_SERVICES
from dashcam.system import appliance
from tests.boot.installed import need
from tests.boot.units import BOOT

RULES = BOOT / "polkit.rules"
POWER = [
    f"org.freedesktop.login1.{what}{more}" for what in ("power-off", "reboot") for more in ("", "-multiple-sessions")
]
NETWORK = [
    f"org.freedesktop.NetworkManager.{what}"
    for what in (
        "enable-disable-wifi",
        "network-control",
        "settings.modify.system",
        "wifi.scan",
        "wifi.share.protected",
    )
]
CLOCK = "org.freedesktop.timedate1.set-time"
UNITS = "org.freedesktop.systemd1.manage-units"
OTHERS = [
    "org.freedesktop.NetworkManager.settings.modify.hostname",
    "org.freedesktop.NetworkManager.wifi.share.open",
    "org.freedesktop.hostname1.set-static-hostname",
    "org.freedesktop.login1.halt",
    "org.freedesktop.login1.power-off-ignore-inhibit",
    "org.freedesktop.policykit.exec",
    "org.freedesktop.systemd1.manage-unit-files",
    "org.freedesktop.systemd1.reload-daemon",
    "org.freedesktop.timedate1.set-ntp",
    "constructor",
]
OURS = (appliance.APPLY_UNIT, appliance.SMB_UNIT, appliance.FTP_UNIT)
FOREIGN = (
    appliance.RECORDER_UNIT,
    appliance.WEB_UNIT,
    "ssh.service",
    "dashcam-smb.service.d",
    "evil-dashcam-smb.service",
    "poweroff.target",
    "",
)
VERBS = ("start", "stop", "restart", "reload", "kill", "set-property", "reset-failed", "")
USERS = (
    appliance.RECORDER_USER,
    appliance.KEEPER_USER,
    appliance.WEB_USER,
    appliance.NETWORK_USER,
    appliance.SHARE_USER,
    "pi",
    "www-data",
    "toString",
    "",
)

# polkit's side: what it offers to a rule, and one question a line.
ENGINE = """
const lines = require("fs").readFileSync(0, "utf8").split("\\n").filter(Boolean);
let rule = null;
const installed = new Set(process.argv.slice(2));
const spawn = ([test, flag, path]) => {
    if (test !== "/usr/bin/test" || flag !== "-e" || !installed.has(path)) throw new Error("ended with 1");
    return "";
};
const polkit = { Result: { YES: "yes", NOT_HANDLED: "" }, addRule: (given) => { rule = given; }, spawn };
new Function("polkit", require("fs").readFileSync(process.argv[1], "utf8"))(polkit);
for (const line of lines) {
    const asked = JSON.parse(line);
    const lookup = (name) => asked.details[name];
    const answer = rule({ id: asked.action, lookup }, { user: asked.user, groups: [], local: true, active: true });
    console.log(answer === undefined ? "" : answer);
}
"""


class Question(NamedTuple):
    """What somebody asks polkit."""

    user: str
    action: str
    unit: str | None = None
    verb: str | None = None

    def as_json(self) -> str:
        details = {name: value for name, value in (("unit", self.unit), ("verb", self.verb)) if value is not None}
        return json.dumps({"user": self.user, "action": self.action, "details": details})


INSTALLED = [f"/etc/systemd/system/{unit}" for unit in OURS] + [f"/lib/systemd/system/{unit}" for unit in TIME_SERVICES]


def answers(questions: list[Question], installed: Sequence[str] = INSTALLED) -> dict[Question, str]:
    """By a JavaScript engine that knows nothing of polkit but this; `installed`: the units' files that there are."""
    need("node")
    asked = "\n".join(question.as_json() for question in questions)
    done = subprocess.run(
        ["node", "-e", ENGINE, str(RULES), *installed],
        input=asked,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return dict(zip(questions, done.stdout.split("\n")[:-1], strict=True))


def may(question: Question) -> bool:
    """What shall be."""
    match question:
        case Question(appliance.WEB_USER, action) if action in POWER:
            return True
        case Question(appliance.NETWORK_USER, action) if action in (*NETWORK, CLOCK):
            return True
        case Question(appliance.NETWORK_USER, action, unit, verb) if action == UNITS and unit in OURS:
            return verb in ("start", "stop", "restart", "reload")
        case Question(appliance.NETWORK_USER, action, unit, verb) if action == UNITS and unit in TIME_SERVICES:
            return verb in ("start", "stop")
    return False


def test_each_user_may_do_what_it_needs_and_nothing_else() -> None:
    actions = [*POWER, *NETWORK, CLOCK, *OTHERS]
    questions = [Question(*asked) for asked in itertools.product(USERS, actions)]
    questions += [
        Question(user, UNITS, unit, verb)
        for user, unit, verb in itertools.product(USERS, (*OURS, *TIME_SERVICES, *FOREIGN), VERBS)
    ]
    # An older systemd does not say what is to be managed, and how.
    questions += [Question(user, UNITS) for user in USERS] + [
        Question(appliance.NETWORK_USER, UNITS, appliance.SMB_UNIT)
    ]
    wrong = {question: answer for question, answer in answers(questions).items() if (answer == "yes") != may(question)}
    assert wrong == {}
    assert sum(map(may, questions)) == len(POWER) + len(NETWORK) + 1 + 4 * len(OURS) + 2 * len(TIME_SERVICES)


def test_no_unit_is_made_up_under_a_name_that_is_free() -> None:
    """systemd asks `start` for that, too, and would run as root whatever the network program says."""
    questions = [Question(appliance.NETWORK_USER, UNITS, unit, "start") for unit in (*OURS, *TIME_SERVICES)]
    there = ["/usr/lib/systemd/system/chrony.service"]
    allowed = [question.unit for question, answer in answers(questions, there).items() if answer == "yes"]
    assert allowed == ["chrony.service"]


def test_what_is_not_allowed_is_left_to_the_system() -> None:
    """The owner of a machine that is more than a dashcam keeps the rights that they have."""
    questions = [Question("pi", POWER[0]), Question(appliance.KEEPER_USER, UNITS, appliance.SMB_UNIT, "start")]
    assert set(answers(questions).values()) == {""}


@pytest.mark.parametrize("word", ["let", "const", "class", "=>", "`", "...", ".includes("])
def test_it_is_written_for_the_engine_of_older_systems(word: str) -> None:
    """Duktape knows the JavaScript of 2009."""
    code = re.sub(r"//.*", "", RULES.read_text())
    assert not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", code)
