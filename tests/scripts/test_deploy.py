"""scripts/deploy: puts the checkout as it is on another machine, here a folder behind a stand-in of ssh."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# Leaves out what is for the connection, notes the rest, and runs it at home on the other machine, as sshd does.
SSH = """#!/bin/bash
while [[ ${1-} == -* ]]; do
    case $1 in -o | -O) [[ $1 == -O ]] && exit 0; shift 2 ;; *) shift ;; esac
done
host=$1; shift
printf '%s: %s\\n' "$host" "$*" >>"$THERE/log"
[[ $host == pi@car ]] || { echo "ssh: Could not resolve hostname $host" >&2; exit 255; }
cd "$THERE/home" && PATH=$THERE/bin:$PATH exec bash -c "$*"
"""
SUDO = '#!/bin/bash\necho root >>"$THERE/log"\nexec "$@"\n'
HOSTNAME = "#!/bin/bash\necho '192.168.7.23 fe80::1 '\n"
INSTALL = """#!/bin/bash
printf '<%s>' "$@" >"$THERE/arguments"
echo 'dashcam: 3 changes made'
exit "${INSTALL_ENDS_WITH:-0}"
"""


@pytest.fixture(name="there")
def there_fixture(tmp_path: Path) -> Path:
    """The other machine."""
    there = tmp_path / "there"
    for name, content in {"sudo": SUDO, "hostname": HOSTNAME}.items():
        _program(there / "bin" / name, content)
    (there / "home").mkdir()
    _program(tmp_path / "here" / "ssh", SSH)
    return there


@pytest.fixture(name="checkout")
def checkout_fixture(tmp_path: Path) -> Path:
    """A small checkout with a scripts/install that only notes what it was told."""
    checkout = tmp_path / "a checkout"
    (checkout / "scripts").mkdir(parents=True)
    for name in ("deploy", "env"):
        shutil.copy(CHECKOUT / "scripts" / name, checkout / "scripts")
    _program(checkout / "scripts/install", INSTALL)
    (checkout / "with a space.txt").write_text("committed\n")
    (checkout / "gone.txt").write_text("committed\n")
    (checkout / "link").symlink_to("gone.txt")
    _git(checkout, "init", "--quiet")
    _git(checkout, "add", ".")
    _git(checkout, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--message=all")
    # As it is now: edited, removed, and a file that git knows nothing of.
    (checkout / "with a space.txt").write_text("edited\n")
    (checkout / "gone.txt").unlink()
    (checkout / "private.key").write_text("secret\n")
    return checkout


def _program(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(0o755)


def _git(checkout: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(checkout), *words], check=True, capture_output=True)


def deploy(checkout: Path, there: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    here = there.parent / "here"
    return subprocess.run(
        [checkout / "scripts" / "deploy", *words],
        env={**os.environ, **variables, "THERE": str(there), "PATH": f"{here}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_files_as_they_are_arrive_and_are_installed_with_sudo(there: Path, checkout: Path) -> None:
    result = deploy(checkout, there, "pi@car", "--country", "DE", "--without", "no-hdmi; reboot")
    assert result.returncode == 0, result.stderr
    arrived = there / "home/dashcam-source"
    assert (arrived / "with a space.txt").read_text() == "edited\n"
    assert (arrived / "link").is_symlink()
    assert not (arrived / "gone.txt").exists()
    assert not (arrived / "private.key").exists()
    assert (there / "arguments").read_text() == "<--country><DE><--without><no-hdmi; reboot>"
    assert "root" in (there / "log").read_text().splitlines()
    assert "3 changes made" in result.stdout
    assert "the page is at http://192.168.7.23/ or http://dashcam.local/, if network.host_name is not" in result.stderr
    assert "`sudo dashcam network show`" in result.stderr


def test_a_second_time_nothing_of_the_first_is_left(there: Path, checkout: Path) -> None:
    assert deploy(checkout, there, "pi@car").returncode == 0
    (there / "home/dashcam-source/left over").touch()
    assert deploy(checkout, there, "pi@car").returncode == 0
    assert [path.name for path in (there / "home").iterdir()] == ["dashcam-source"]
    assert not (there / "home/dashcam-source/left over").exists()


def test_a_failure_there_is_a_failure_here(there: Path, checkout: Path) -> None:
    result = deploy(checkout, there, "pi@car", INSTALL_ENDS_WITH="1")
    assert result.returncode == 1
    assert "scripts/install failed on pi@car" in result.stderr
    assert "the page is at" not in result.stderr


def test_a_machine_that_cannot_be_reached_is_named(there: Path, checkout: Path) -> None:
    result = deploy(checkout, there, "pi@bike")
    assert result.returncode != 0
    assert "could not copy to pi@bike: can you log in with `ssh pi@bike`?" in result.stderr


def test_after_a_removal_no_page_is_promised(there: Path, checkout: Path) -> None:
    result = deploy(checkout, there, "pi@car", "--remove")
    assert result.returncode == 0
    assert "page" not in result.stderr


@pytest.mark.parametrize("words", [[], ["--remove"], ["pi@car", "--root", "/mnt"], ["pi@car", "--wheels=x"]])
def test_what_makes_no_sense_is_refused_before_anything_is_copied(
    there: Path, checkout: Path, words: list[str]
) -> None:
    assert deploy(checkout, there, *words).returncode != 0
    assert not (there / "log").exists()
