"""`dashcam run`: all parts under one parent, for a laptop, a demo or a test."""
