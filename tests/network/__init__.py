"""The network program, on a bus of its own: no clock of this machine is ever set."""
