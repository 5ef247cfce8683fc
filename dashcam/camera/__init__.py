"""Cameras: what they hand on, and the one function that chooses one."""
