"""Presses that overlap: one clip is made of them, not two: pure decisions."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dashcam.clips.clip import ClipId
from dashcam.clips.save_request import SaveRequest


def merged(requests: Sequence[SaveRequest], longest_ns: int) -> list[tuple[SaveRequest, list[SaveRequest]]]:
    """Saves whose ranges overlap as one each, with those that become part of it; none longer than `longest_ns`.

    Only of one boot, and only those that no clip has been begun for. The first press counts as when it was.
    """
    groups: list[tuple[SaveRequest, list[SaveRequest]]] = []
    for request in sorted(requests, key=lambda request: (request.from_monotonic_ns, ClipId.parse(request.id))):
        for number, (first, others) in enumerate(groups):
            if _is_one(first, request, longest_ns):
                groups[number] = (_extended(first, request), [*others, request])
                break
        else:
            groups.append((request, []))
    return [(first, others) for first, others in groups if others]


def _is_one(first: SaveRequest, other: SaveRequest, longest_ns: int) -> bool:
    is_open = all(request.kind == "cut" and not request.parts and not request.made_id for request in (first, other))
    is_same_boot = ClipId.parse(first.id).boot == ClipId.parse(other.id).boot
    length_ns = max(first.to_monotonic_ns, other.to_monotonic_ns) - first.from_monotonic_ns
    return is_open and is_same_boot and other.from_monotonic_ns <= first.to_monotonic_ns and length_ns <= longest_ns


def _extended(first: SaveRequest, other: SaveRequest) -> SaveRequest:
    pressed = min((first, other), key=lambda request: request.at_monotonic_ns)
    return msgspec.structs.replace(
        first,
        clip_ids=tuple(dict.fromkeys((*first.clip_ids, *other.clip_ids))),
        cause=pressed.cause,
        requested_utc=pressed.requested_utc,
        to_monotonic_ns=max(first.to_monotonic_ns, other.to_monotonic_ns),
        at_monotonic_ns=pressed.at_monotonic_ns,
        loop_id=pressed.loop_id,
        words=first.words,
    )
