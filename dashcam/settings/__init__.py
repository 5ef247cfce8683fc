"""Each setting once; everything that shows or reads settings comes from the schema."""

from dashcam.settings.load import LoadedSettings, load_settings
from dashcam.settings.quantity import bytes_of, readable
from dashcam.settings.schema import Settings

__all__ = ["LoadedSettings", "Settings", "bytes_of", "load_settings", "readable"]
