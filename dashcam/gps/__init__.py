"""GPS receivers: where the car is, how fast, and what time the satellites say; all of them behind one face.

The recorder does not use them yet. Whoever connects them:
- makes `GpsSettings` a section of `Settings`, with what its changes apply to;
- calls `choose.open_receiver` with the release's date as `reference`; on changed settings closes it and opens another;
- looks at `fix.is_good`: `on_fix` is called in the receiver's thread, also for moments without a position;
- lets a clock be set only by what `time_trust.TimeTrust` believes, and only when `state().is_real`.
A replay keeps its recording's own dates and runs on over its end.
"""
