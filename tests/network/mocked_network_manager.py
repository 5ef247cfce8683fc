# mypy: ignore-errors
# ruff: noqa: N802 - methods of D-Bus are called so
"""A template of python-dbusmock: its NetworkManager, and what that lacks: a radio that knows keys and ages.

Runs in a process of Debian's own Python, which has D-Bus and GLib; see `mocked_radio.py`, which starts it.
"""

import time
import uuid

import dbus
import dbusmock
from dbusmock import MOCK_IFACE
from dbusmock.templates import networkmanager as base
from gi.repository import GLib

BUS_NAME, MAIN_OBJ, SYSTEM_BUS, IS_OBJECT_MANAGER = base.BUS_NAME, base.MAIN_OBJ, True, True
# Its methods are found in this module, too.
globals().update({name: value for name, value in vars(base).items() if hasattr(value, "_dbus_interface")})

MANAGER, SETTINGS, PROFILE = base.MANAGER_IFACE, base.SETTINGS_IFACE, base.CSETTINGS_IFACE
DEVICE, WIRELESS, ACCESS_POINT = base.DEVICE_IFACE, base.WIRELESS_DEVICE_IFACE, base.ACCESS_POINT_IFACE
ACTIVE = base.ACTIVE_CONNECTION_IFACE
IP4 = "org.freedesktop.NetworkManager.IP4Config"
ROOT = base.MANAGER_OBJ
RADIO = ROOT + "/Devices/radio"
PSK = "802-11-wireless-security"
TURN_MILLISECONDS = 30
PRIVACY = 1

AIR = {}  # by name: [key, gives addresses]
COUNTER = [0]


def load(mock, parameters):
    base.load(mock, {"Version": "1.42.4", **parameters})
    manager = dbusmock.get_object(ROOT)
    manager.activate_connection = activate
    manager.deactivate_connection = deactivate
    settings = dbusmock.get_object(base.SETTINGS_OBJ)
    settings.AddMethod(SETTINGS, "AddConnection2", "a{sa{sv}}ua{sv}", "oa{sv}", "ret = self.Adds(args[0])")
    settings.AddMethod(SETTINGS, "AddConnection", "a{sa{sv}}", "o", "ret = self.Adds(args[0])[0]")
    settings.AddMethod(SETTINGS, "ReloadConnections", "", "b", "ret = True")
    # nmcli offers to ask for keys, and waits for three seconds if nobody takes the offer.
    agents = [("RegisterWithCapabilities", "su", "", ""), ("Register", "s", "", ""), ("Unregister", "", "", "")]
    mock.AddObject(ROOT + "/AgentManager", MANAGER + ".AgentManager", {}, agents)
    mock.object_manager_emit_added(ROOT + "/AgentManager")


@dbus.service.method(MOCK_IFACE, in_signature="", out_signature="")
def AddRadio(self):
    path = self.AddWiFiDevice("radio", "wlan0", base.DeviceState.DISCONNECTED)
    radio = dbusmock.get_object(path)
    extra = {"Ip4Config": dbus.ObjectPath("/"), "Capabilities": dbus.UInt32(1)}
    radio.props[DEVICE].update(extra)
    radio.props[WIRELESS].update({"ActiveAccessPoint": dbus.ObjectPath("/"), "LastScan": dbus.Int64(0)})
    radio.AddMethod(WIRELESS, "RequestScan", "a{sv}", "", "self.Scans(args[0])")


@dbus.service.method(MOCK_IFACE, in_signature="", out_signature="")
def RemoveRadio(self):
    manager = dbusmock.get_object(ROOT)
    manager.Set(MANAGER, "Devices", dbus.Array([], signature="o"))
    self.object_manager_emit_removed(RADIO)
    self.RemoveObject(RADIO)


@dbus.service.method(MOCK_IFACE, in_signature="uu", out_signature="")
def SetRadio(_self, state, reason):
    set_state(state, reason)


@dbus.service.method(MOCK_IFACE, in_signature="aysbuuby", out_signature="")
def SwitchOn(self, ssid, key, gives_addresses, flags, rsn, is_shown, strength):
    ssid = bytes(ssid)
    AIR[ssid] = [str(key), bool(gives_addresses)]
    name = "ap" + ssid.hex()
    path = ROOT + "/AccessPoint/" + name
    radio = dbusmock.get_object(RADIO)
    if path not in radio.access_points:
        number = len(radio.access_points) + 1
        self.AddAccessPoint(RADIO, name, "", f"02:00:00:00:00:{number:02X}", 2, 2437, 54000, strength, 0)
    point = dbusmock.get_object(path)
    values = {
        "Ssid": dbus.ByteArray(ssid if is_shown else b""),
        "Flags": dbus.UInt32(flags),
        "RsnFlags": dbus.UInt32(rsn),
        "WpaFlags": dbus.UInt32(0),
        "Strength": dbus.Byte(strength),
        "LastSeen": dbus.Int32(boot_seconds()),
    }
    for each, value in values.items():
        point.Set(ACCESS_POINT, each, value)


@dbus.service.method(MOCK_IFACE, in_signature="ay", out_signature="")
def SwitchOff(_self, ssid):
    """It stays in the list: that is what NetworkManager does for minutes."""
    AIR.pop(bytes(ssid), None)


@dbus.service.method(MOCK_IFACE, in_signature="i", out_signature="")
def Age(_self, seconds):
    for path in dbusmock.get_object(RADIO).access_points:
        point = dbusmock.get_object(path)
        point.Set(ACCESS_POINT, "LastSeen", dbus.Int32(max(-1, point.Get(ACCESS_POINT, "LastSeen") - seconds)))


@dbus.service.method(WIRELESS, in_signature="a{sv}", out_signature="")
def Scans(self, options):
    if self.Get(DEVICE, "State") not in (30, 100) or self.Get(WIRELESS, "Mode") == 3:
        raise dbus.exceptions.DBusException("Scanning not allowed", name=DEVICE + ".NotAllowed")
    for path in self.access_points:
        point = dbusmock.get_object(path)
        ssid = bytes.fromhex(path.rpartition("/ap")[2])
        if ssid in AIR:
            point.Set(ACCESS_POINT, "LastSeen", dbus.Int32(boot_seconds()))
            if ssid in [bytes(each) for each in options.get("ssids", ())]:
                point.Set(ACCESS_POINT, "Ssid", dbus.ByteArray(ssid))


@dbus.service.method(SETTINGS, in_signature="a{sa{sv}}", out_signature="oa{sv}")
def Adds(self, settings):
    asleep = {group: dict(values) for group, values in settings.items()}
    asleep["connection"].setdefault("uuid", str(uuid.uuid4()))
    kept = {group: dict(values) for group, values in asleep.items()}
    asleep["connection"]["autoconnect"] = False  # the template would join at once, whatever is on the air
    path = self.SettingsAddConnection(asleep)
    made = dbusmock.get_object(path)
    made.settings = kept
    made.ConnectionGetSettings = without_key
    made.ConnectionGetSecrets = secrets_of
    made.AddMethod(PROFILE, "Update2", "a{sa{sv}}ua{sv}", "a{sv}", "ret = self.Updates(args[0])")
    return path, {}


@dbus.service.method(PROFILE, in_signature="a{sa{sv}}", out_signature="a{sv}")
def Updates(self, settings):
    key = self.settings.get(PSK, {}).get("psk")
    self.settings = {group: dict(values) for group, values in settings.items()}
    if key is not None and PSK in self.settings:
        self.settings[PSK].setdefault("psk", key)
    self.EmitSignal(PROFILE, "Updated", "", [])
    return {}


def without_key(self):
    """As dictionaries that D-Bus can tell the signature of."""
    found = dbus.Dictionary(signature="sa{sv}")
    for group, values in self.settings.items():
        shown = {name: value for name, value in values.items() if name != "psk"}
        found[group] = dbus.Dictionary(shown, signature="sv")
    return found


def secrets_of(self, group):
    key = self.settings.get(group, {}).get("psk")
    secrets = dbus.Dictionary({} if key is None else {"psk": key}, signature="sv")
    return dbus.Dictionary({group: secrets}, signature="sa{sv}")


def boot_seconds():
    return int(time.clock_gettime(time.CLOCK_BOOTTIME))


def set_state(state, reason):
    radio = dbusmock.get_object(RADIO)
    old = radio.Get(DEVICE, "State")
    radio.Set(DEVICE, "State", dbus.UInt32(state))
    pair = dbus.Struct((dbus.UInt32(state), dbus.UInt32(reason)), signature="uu")
    radio.Set(DEVICE, "StateReason", pair)
    numbers = [dbus.UInt32(state), dbus.UInt32(old), dbus.UInt32(reason)]
    radio.EmitSignal(DEVICE, "StateChanged", "uuu", numbers)


def set_active(path, state, reason):
    active = dbusmock.get_object(path)
    active.Set(ACTIVE, "State", dbus.UInt32(state))
    active.EmitSignal(ACTIVE, "StateChanged", "uu", [dbus.UInt32(state), dbus.UInt32(reason)])


def activate(manager, profile, _device, _point):
    radio = dbusmock.get_object(RADIO)
    if radio is None or radio.Get(DEVICE, "State") < 30:
        words = (
            "No suitable device found for this connection (device wlan0 not available because device is not available)."
        )
        raise dbus.exceptions.DBusException(words, name=MANAGER + ".UnknownDevice")
    leave(2)
    settings = dbusmock.get_object(profile).settings
    COUNTER[0] += 1
    path = ROOT + "/ActiveConnection/" + str(COUNTER[0])
    properties = {
        "Devices": dbus.Array([dbus.ObjectPath(RADIO)], signature="o"),
        "Default": False,
        "Default6": False,
        "Type": "802-11-wireless",
        "Vpn": False,
        "Connection": dbus.ObjectPath(profile),
        "Master": dbus.ObjectPath("/"),
        "SpecificObject": dbus.ObjectPath("/"),
        "Uuid": settings["connection"]["uuid"],
        "Id": settings["connection"]["id"],
        "State": dbus.UInt32(1),
        "StateFlags": dbus.UInt32(0),
    }
    manager.AddObject(path, ACTIVE, properties, [])
    manager.object_manager_emit_added(path)
    manager.SetProperty(ROOT, MANAGER, "ActiveConnections", dbus.Array([dbus.ObjectPath(path)], signature="o"))
    radio.Set(DEVICE, "ActiveConnection", dbus.ObjectPath(path))
    set_state(40, 0)
    GLib.timeout_add(TURN_MILLISECONDS, lambda: go_on(path, settings))
    return dbus.ObjectPath(path)


def go_on(path, settings):
    radio = dbusmock.get_object(RADIO)
    if radio is None or radio.Get(DEVICE, "ActiveConnection") != path:
        return False
    wireless = settings["802-11-wireless"]
    ssid, is_own = bytes(wireless["ssid"]), wireless.get("mode") == "ap"
    radio.Set(WIRELESS, "Mode", dbus.UInt32(3 if is_own else 2))
    set_state(50, 0)
    if is_own:
        address = settings["ipv4"]["address-data"][0]["address"]
        if ROOT + "/AccessPoint/ap" not in radio.access_points:  # the real one lists itself, too
            radio.AddAccessPoint(RADIO, "ap", "own", "11:22:33:44:55:66", 3, 2437, 54000, 0, 0x188)
    elif ssid not in AIR:
        return fail(path, 53)
    elif AIR[ssid][0] != settings.get(PSK, {}).get("psk", ""):
        return fail(path, 7)
    elif not AIR[ssid][1] and settings["ipv4"]["method"] == "auto":
        return fail(path, 5)
    else:
        fixed = settings["ipv4"].get("address-data", ())
        address = fixed[0]["address"] if fixed else "172.20.10.2"
        point = dbus.ObjectPath(ROOT + "/AccessPoint/ap" + ssid.hex())
        radio.Set(WIRELESS, "ActiveAccessPoint", point)
    give_address(str(address))
    set_state(100, 0)
    set_active(path, 2, 1)
    return False


def give_address(address):
    radio = dbusmock.get_object(RADIO)
    path = ROOT + "/IP4Config/" + str(COUNTER[0])
    data = dbus.Dictionary({"address": address, "prefix": dbus.UInt32(24)}, signature="sv")
    properties = {"AddressData": dbus.Array([data], signature="a{sv}"), "Gateway": ""}
    radio.AddObject(path, IP4, properties, [])
    radio.object_manager_emit_added(path)
    radio.Set(DEVICE, "Ip4Config", dbus.ObjectPath(path))


def fail(path, reason):
    """In the order of the real one: a moment in `failed`, which is the only time when the reason is to be had."""
    set_state(120, reason)
    set_active(path, 4, 3)
    GLib.timeout_add(TURN_MILLISECONDS, lambda: rest(path))
    return False


def rest(path):
    radio = dbusmock.get_object(RADIO)
    if radio is not None and radio.Get(DEVICE, "ActiveConnection") == path:
        leave(3)
        set_state(30, 0)
    return False


def leave(reason):
    """Ends what is active."""
    radio = dbusmock.get_object(RADIO)
    path = radio.Get(DEVICE, "ActiveConnection")
    if path == "/":
        return
    manager = dbusmock.get_object(ROOT)
    radio.Set(DEVICE, "ActiveConnection", dbus.ObjectPath("/"))
    radio.Set(DEVICE, "Ip4Config", dbus.ObjectPath("/"))
    radio.Set(WIRELESS, "ActiveAccessPoint", dbus.ObjectPath("/"))
    radio.Set(WIRELESS, "Mode", dbus.UInt32(2))
    set_active(path, 4, reason)
    manager.SetProperty(ROOT, MANAGER, "ActiveConnections", dbus.Array([], signature="o"))
    manager.object_manager_emit_removed(path)
    manager.RemoveObject(path)


def deactivate(_manager, _path):
    leave(2)
    set_state(30, 39)
