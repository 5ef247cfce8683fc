"""GPS receivers: where the car is, how fast, and what time the satellites say; all of them behind one face."""
