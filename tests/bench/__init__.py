"""What the dashcam costs, measured beside a peer in the same run: `scripts/bench`.

Absolute figures are those of one machine at one time; the ratios travel. A module a measurement, each with
`measure(bench)`, which gives rows of the table.
"""
