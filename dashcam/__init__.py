"""An open dashcam: records by itself, keeps what matters, and shows it on the driver's phone."""

__version__ = "0.1.0"

# A machine clock that reads earlier than this cannot be right: the program did not exist yet.
RELEASE_DATE = "2026-11-20"
