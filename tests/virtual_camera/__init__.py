"""The real picamera2 without a camera: on the virtual camera of a libcamera that was built for these tests.

`library` finds that libcamera, `memory` and `pacing` stand in for what a PC lacks, `camera` puts them together as
`VirtualPicamera2`, and `python -m tests.virtual_camera record ...` is the `dashcam` command with such a camera. Nothing
here replaces a part of the product. Tests ask for the fixture `virtual_picamera2`.
"""
