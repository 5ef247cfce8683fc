"""`dashcam check`: says in words what works on this machine and what does not."""
