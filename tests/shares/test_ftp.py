"""The FTP site as programs and strangers meet it, by real vsftpd with PAM."""

from __future__ import annotations

import ftplib
import io
import ssl
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashcam.network.wanted import Wanted, WantedFtp
from dashcam.settings.schema_network import FtpTls
from tests.shares.rig import ADDRESS, CLIP, CLIP_BYTES, HIDDEN, PASSWORD, SHARE_USER, Machine

LIMIT_SECONDS = 60.0


def connected(machine: Machine, made: ftplib.FTP | None = None) -> ftplib.FTP:
    ftp = made or ftplib.FTP()
    ftp.connect(ADDRESS, machine.ftp_port, LIMIT_SECONDS)
    return ftp


@pytest.fixture
def ftp(sharing: Machine) -> Iterator[ftplib.FTP]:
    """The owner, logged in."""
    with connected(sharing) as made:
        made.login(SHARE_USER, PASSWORD)
        yield made


def test_the_owner_lists_and_reads(sharing: Machine, ftp: ftplib.FTP) -> None:
    assert sorted(ftp.nlst()) == ["PHOTO", "VIDEO"]
    ftp.cwd(CLIP.rpartition("/")[0])
    assert sorted(ftp.nlst()) == ["dcp_20261120154500.json", "dcp_20261120154500.mp4"]
    ftp.cwd("..")
    assert ftp.pwd() == "/VIDEO"
    assert read(ftp, f"/{CLIP}") == (sharing.dcim / CLIP).read_bytes()


def read(ftp: ftplib.FTP, name: str, rest: int | None = None) -> bytes:
    got = io.BytesIO()
    ftp.retrbinary(f"RETR {name}", got.write, rest=rest)
    return got.getvalue()


def test_a_download_is_resumed(sharing: Machine, ftp: ftplib.FTP) -> None:
    ftp.voidcmd("TYPE I")
    assert ftp.size(CLIP) == CLIP_BYTES
    assert read(ftp, CLIP, rest=2_999_000) == (sharing.dcim / CLIP).read_bytes()[2_999_000:]


def test_another_program_resumes_too(sharing: Machine) -> None:
    half = sharing.folder / "half.mp4"
    content = (sharing.dcim / CLIP).read_bytes()
    half.write_bytes(content[:1_500_000])
    script = sharing.folder / "lftp"
    quoted = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
    script.write_text(
        "set net:max-retries 1; set net:timeout 60; set ftp:ssl-allow no\n"
        f'open -p {sharing.ftp_port} --user {SHARE_USER} --password "{quoted}" {ADDRESS}\n'
        f"get -c {CLIP} -o {half}\nput /etc/hostname\n"
    )
    done = subprocess.run(
        ["lftp", "-f", str(script)], capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )
    assert half.read_bytes() == content, done
    assert "550 Permission denied" in done.stderr


def test_strangers_and_wrong_passwords_are_refused(sharing: Machine) -> None:
    """All at once: whoever is refused has to wait for it."""

    def said(login: tuple[str, str]) -> str:
        with connected(sharing) as ftp:
            try:
                return ftp.login(*login)
            except ftplib.error_perm as error:
                return str(error)

    logins = [("anonymous", "me@home"), ("root", PASSWORD), ("", PASSWORD), (SHARE_USER, PASSWORD[:-1])]
    with ThreadPoolExecutor(len(logins)) as pool:
        assert [answer[:3] for answer in pool.map(said, logins)] == ["530"] * len(logins)


@pytest.mark.parametrize(
    "command",
    [
        "STOR new.mp4",
        "APPE {}",
        "DELE {}",
        "RNFR {}",
        "MKD new",
        "RMD VIDEO",
        "SITE CHMOD 777 {}",
        "PORT 127,0,0,1,4,4",
        "RETR {hidden}",
        "SIZE {hidden}",
        "RETR /etc/passwd",
        "RETR ../../../../../../etc/passwd",
        "CWD /etc",
    ],
)
def test_nothing_can_be_changed_and_nothing_else_be_read(sharing: Machine, ftp: ftplib.FTP, command: str) -> None:
    before = sorted(sharing.dcim.rglob("*"))
    if command.startswith(("STOR", "APPE", "RETR")):
        ftp.sendcmd("PASV")
    with pytest.raises(ftplib.error_perm, match="550"):
        ftp.sendcmd(command.format(CLIP, hidden=HIDDEN[0]))
    assert sorted(sharing.dcim.rglob("*")) == before
    assert (sharing.dcim / CLIP).stat().st_size == CLIP_BYTES


def test_what_is_hidden_is_in_no_list(ftp: ftplib.FTP) -> None:
    lines: list[str] = []
    for folder in ("", "VIDEO", CLIP.rpartition("/")[0]):
        ftp.dir("-a", f"/{folder}", lines.append)
    assert any("dcp_20261120154500.mp4" in line for line in lines)
    assert not [line for line in lines for name in HIDDEN if name.rpartition("/")[2] in line]


def test_passive_ports_are_those_that_the_firewall_opens(sharing: Machine, ftp: ftplib.FTP) -> None:
    first, last = sharing.places.listening.passive_ports
    ports = set()
    for _ in range(30):
        ports.add(ftp.makepasv()[1])
    assert all(first <= port <= last for port in ports)
    assert len(ports) > 1


def in_tls(version: ssl.TLSVersion) -> ftplib.FTP_TLS:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    return ftplib.FTP_TLS(context=context)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_by_tls_as_well_where_it_is_optional(sharing: Machine, version: ssl.TLSVersion) -> None:
    with in_tls(version) as ftp:
        connected(sharing, ftp)
        ftp.login(SHARE_USER, PASSWORD)
        ftp.prot_p()
        assert read(ftp, CLIP) == (sharing.dcim / CLIP).read_bytes()


@pytest.mark.parametrize(("tls", "words"), [("required", "530"), ("off", "")])
def test_without_tls_only_where_it_is_not_required(own_machine: Machine, tls: FtpTls, words: str) -> None:
    own_machine.apply(Wanted(ftp=WantedFtp(tls=tls)), PASSWORD)
    own_machine.start_ftp()
    with connected(own_machine) as ftp:
        if words:
            with pytest.raises(ftplib.error_perm, match=words):
                ftp.login(SHARE_USER, PASSWORD)
        else:
            ftp.login(SHARE_USER, PASSWORD)
            assert read(ftp, CLIP) == (own_machine.dcim / CLIP).read_bytes()
    with in_tls(ssl.TLSVersion.TLSv1_3) as secret:
        connected(own_machine, secret)
        if words:
            secret.login(SHARE_USER, PASSWORD)
            secret.prot_p()
            assert read(secret, CLIP) == (own_machine.dcim / CLIP).read_bytes()
        else:
            with pytest.raises(ftplib.error_perm, match="5"):
                secret.auth()


def test_each_unit_has_a_key_of_its_own_and_keeps_it(own_machine: Machine) -> None:
    own_machine.apply(Wanted(ftp=WantedFtp()))
    key, certificate = own_machine.places.kept / "ftp.key", own_machine.places.kept / "ftp.pem"
    before = key.read_bytes(), certificate.read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    own_machine.apply(Wanted(ftp=WantedFtp(tls="required")))
    assert (key.read_bytes(), certificate.read_bytes()) == before
