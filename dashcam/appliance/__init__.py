"""Makes a machine the appliance and takes it back: what scripts/install does, as a plan of changes.

Runs with the system's Python from a checkout before anything is installed, so it knows the standard library alone.
"""
