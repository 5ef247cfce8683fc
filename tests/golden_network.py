"""One value of each message of the network program; see `tests.golden_values`."""

from __future__ import annotations

from dashcam.link import messages as m

NETWORK_ID = "5d1e7d1e-0000-4000-8000-000000000001"
SSID_HEX = "Zoe’s iPhone".encode().hex()

NETWORK_MESSAGES: tuple[m.Message, ...] = (
    m.GetNetworkStatus(),
    m.NetworkStatus(
        version="0.1.0",
        pid=4714,
        clock=m.SystemClock(can_set=True, is_synchronized=False, offset_seconds=3600.25, sets=1, words="set by GPS"),
        wifi=m.WifiStatus(
            state="joined",
            words="Joined to Zoe’s iPhone.",
            interface="wlan0",
            ssid="Zoe’s iPhone",
            network_id=NETWORK_ID,
            signal_percent=71,
            address="172.20.10.4",
            since_seconds=63.5,
            country="DE",
        ),
        saved=(
            m.SavedNetwork(id=NETWORK_ID, ssid_hex=SSID_HEX, ssid="Zoe’s iPhone"),
            m.SavedNetwork(
                id="5d1e7d1e-0000-4000-8000-000000000002",
                ssid_hex="686f6d65",
                ssid="home",
                is_hidden=True,
                address="192.168.1.50/24",
                gateway="192.168.1.1",
                words="The key was refused: type it again.",
            ),
        ),
        shares=(
            m.ShareStatus(
                kind="smb",
                is_wanted=True,
                is_running=True,
                has_password=True,
                user="dashcam",
                addresses=(r"\\dashcam.local\dashcam", "smb://172.20.10.4/dashcam"),
            ),
        ),
        host_name="dashcam",
        page_addresses=("http://dashcam.local/", "http://172.20.10.4/"),
        boot_file=m.BootFileReport(
            path="/boot/firmware/dashcam.toml", taken=("the network Zoe’s iPhone",), mistakes=("country = 'Germany'",)
        ),
    ),
    m.ScanNetworks(),
    m.NetworksSeen(
        networks=(
            m.ScannedNetwork(
                ssid_hex=SSID_HEX, ssid="Zoe’s iPhone", signal_percent=71, security="wpa", network_id=NETWORK_ID
            ),
        ),
        age_seconds=2.5,
    ),
    m.AddNetwork(ssid_hex=SSID_HEX, key="correct horse", is_hidden=True, address="192.168.1.50/24"),
    m.NetworkAdded(id=NETWORK_ID),
    m.ForgetNetwork(id=NETWORK_ID),
    m.OrderNetworks(ids=(NETWORK_ID,)),
    m.TryNetwork(id=NETWORK_ID),
    m.TryBegins(leaves_in_seconds=3.0, back_within_seconds=30.0, words="It leaves in 3 s."),
    m.GetAccessPoint(),
    m.AccessPoint(ssid="dashcam-7Q2F", key="k3v9-x2m7-p4ht", address="10.41.0.1", qr_text="WIFI:T:WPA;S:a;P:b;;"),
    m.SetSharePassword(password="correct horse"),
)
