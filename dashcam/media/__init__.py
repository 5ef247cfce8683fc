"""The only place that muxes: clip files that grow safely, repair, and H.264 helpers."""
