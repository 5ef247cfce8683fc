"""Rigs that run long: the recording is killed, cut off from power, and looked at again.

Each is a module that runs by itself (`python -m tests.endurance.kills --kills 100`); `scripts/endurance` runs all of
them, the tests beside them run a small sample of each.
"""
