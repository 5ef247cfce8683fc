"""Every kind of change, by the name it has in the journal."""

from __future__ import annotations

from typing import Any

from dashcam.appliance.data_partition import MountFolder
from dashcam.appliance.edits import EditBlock, EditCommandLine, SwitchWifiOn
from dashcam.appliance.files import Folder, WriteFile
from dashcam.appliance.mount_options import OpenToGroup
from dashcam.appliance.packages import DebianPackages
from dashcam.appliance.python import PythonEnvironment
from dashcam.appliance.units import EnableUnit, MaskUnit
from dashcam.appliance.users import SystemUsers

KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        DebianPackages,
        EditBlock,
        EditCommandLine,
        EnableUnit,
        Folder,
        MaskUnit,
        MountFolder,
        OpenToGroup,
        PythonEnvironment,
        SwitchWifiOn,
        SystemUsers,
        WriteFile,
    )
}
