"""`dashcam scan`: motion in what is recorded already, from the command line."""
