"""Our detector beside others on clips with ground truth: `scripts/motion-table`.

A module a tool, each with `run(clip, ...)`, which gives what the scorer takes. The tests of our own are in
tests/motion; nothing here is run by them.
"""
