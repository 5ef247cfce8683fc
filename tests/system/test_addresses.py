"""Addresses that a phone can open."""

from __future__ import annotations

import ipaddress
import os
import shutil
import subprocess
import sys

import pytest

from dashcam.system.addresses import is_local_only, lan_addresses, page_addresses

PRINT_ADDRESSES = "from dashcam.system.addresses import page_addresses; print(page_addresses('0.0.0.0', 8000))"
# A network card of our own, in a network name space of our own.
WITH_A_CARD = """
set -e
ip link set lo up
ip link add eth9 type veth peer name veth9
ip address add 10.1.2.3/24 dev eth9
ip address add 10.9.9.9/24 dev veth9
ip link set eth9 up
ip link set veth9 up
{default_route}
exec "$0" -c "$1"
"""


def in_own_network(script: str) -> str:
    result = subprocess.run(
        ["unshare", "--net", "sh", "-c", script, sys.executable, PRINT_ADDRESSES],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return result.stdout.strip()


needs_network_namespaces = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"),
    reason="needs root, unshare and ip for a network of its own",
)


def test_addresses_of_this_machine_are_no_loopback() -> None:
    assert not any(ipaddress.ip_address(address).is_loopback for address in lan_addresses())


@pytest.mark.parametrize(
    ("host", "port", "addresses"),
    [
        ("127.0.0.1", 8000, ["http://127.0.0.1:8000/"]),
        ("192.168.1.7", 80, ["http://192.168.1.7/"]),
        ("fe80::1", 8000, ["http://[fe80::1]:8000/"]),
        ("dashcam.example", 8080, ["http://dashcam.example:8080/"]),
    ],
)
def test_a_chosen_address_is_the_one_shown(host: str, port: int, addresses: list[str]) -> None:
    assert page_addresses(host, port) == addresses


@pytest.mark.parametrize(
    ("host", "is_local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("", False)],
)
def test_local_only_means_this_machine(host: str, is_local: bool) -> None:
    assert is_local_only(host) is is_local


@needs_network_namespaces
def test_without_a_network_it_is_this_machine() -> None:
    assert in_own_network('exec "$0" -c "$1"').startswith("['http://127.0.0.1:8000/'")


@needs_network_namespaces
@pytest.mark.parametrize("default_route", ["", "ip route add default via 10.1.2.1"])
def test_a_card_without_a_way_into_the_world_counts_and_inner_networks_do_not(default_route: str) -> None:
    printed = in_own_network(WITH_A_CARD.format(default_route=default_route))
    assert printed.startswith("['http://10.1.2.3:8000/'")
    assert "10.9.9.9" not in printed
