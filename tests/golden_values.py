"""One value of each contract; the golden files beside hold how they are written down."""

from __future__ import annotations

import msgspec

from dashcam.clips.boot_mark import BootMark
from dashcam.clips.event import EventFacts, MotionTrace, MotionWindow
from dashcam.clips.row import ClipRow, DayCount
from dashcam.clips.save_request import ClipRange, SaveRequest
from dashcam.clips.sidecar import ClipTag, Lock, Sidecar, Upload
from dashcam.clips.track_log import LogEntry, LogHeader, gap, logged
from dashcam.clips.track_summary import LinePoint, TrackSummary
from dashcam.clock import Anchor
from dashcam.link import messages as m
from dashcam.place import Place
from dashcam.recorder.camera_duty import CameraWish
from dashcam.recorder.last_camera import CameraMemory, CameraTrial
from dashcam.settings.schema import CameraSettings
from dashcam.system.boot_times import BootLine
from tests.golden_network import NETWORK_MESSAGES

BOOT_LINE = BootLine(
    kernel="5d1e7d1e-0000-4000-8000-00000000000a",
    program="recorder",
    boot=42,
    marks={"process": 3.91, "imported": 5.2, "camera": 6.75, "durable": 8.4, "lasted": 183.92},
    utc="2026-11-20T14:44:55.000Z",
    version="0.1.0",
    settings="0123456789abcdef",
)

STARTED = "2026-11-20T14:45:00.123Z"

PLACE = Place(
    latitude=53.3512203,
    longitude=-6.2603097,
    altitude_m=12.3,
    speed_mps=13.9,
    course_degrees=271.5,
    hdop=0.9,
    satellites=9,
)
TRACK = TrackSummary(
    points=58,
    gap_seconds=1.5,
    distance_m=812.4,
    moving_seconds=57.0,
    top_speed_mps=16.25,
    line=(
        LinePoint(0.25, 53.3512203, -6.2603097, 13.9, True),
        LinePoint(59.75, 53.3519411, -6.2724555, 14.1),
    ),
)
EVENT = EventFacts(
    cause="motion",
    id="42-17",
    at_seconds=10.4,
    peak_seconds=13.2,
    score=62.5,
    triggers=7,
    loop_id="42-16",
    loop_seconds=31.9,
    words="8 of 10 seconds before it: the memory for them was full",
)
MOTION = MotionTrace(
    seen="live",
    step_seconds=0.5,
    scores=(0, 0, 12, 63),
    windows=(MotionWindow(10.4, 14.0, 62.5),),
    looked_seconds=60.0,
)
LOG_HEADER = LogHeader(boot=42, receiver="/dev/ttyACM0 at 9600 baud", is_real=True, program="0.1.0")
LOG_ENTRIES: tuple[LogEntry, ...] = (logged(PLACE, 123_456_789_012), gap("no_fix", 124_456_789_012))

SIDECAR = Sidecar(
    id="42-17",
    kind="event",
    camera="front",
    integrity="closed",
    started_utc=STARTED,
    started_monotonic_ns=123_456_789_012,
    ended_monotonic_ns=183_423_455_679,
    clock_source="system",
    zone="Europe/Berlin",
    media_start_ns=60_000_000_000,
    duration_seconds=60.0,
    frames=1800,
    dropped_frames=60,
    dropped_gops=2,
    width=1920,
    height=1080,
    bytes=60_000_000,
    locked=Lock(cause="button", utc="2026-11-20T14:46:10.000Z"),
    uploads=(Upload(target="home", utc="2026-11-20T18:00:00.000Z"),),
    place=PLACE,
    track=TRACK,
    event=EVENT,
    motion=MOTION,
    note="",
)
TAG = ClipTag(
    id="42-17",
    camera="front",
    started_utc=None,
    started_monotonic_ns=123_456_789_012,
    clock_source="none",
    zone="",
    media_start_ns=60_000_000_000,
    place=PLACE,
    event=EVENT,
    locked=Lock(cause="impact", utc=None),
)
BOOT_MARK = BootMark(boot=42, token="0123456789abcdef")
ANCHOR_BOOT, ANCHOR = 42, Anchor(160_000_000_000, 1_795_185_960_123_000_000, "phone")
ANCHOR_KERNEL, ANCHOR_ASLEEP_NS = "3c0a64f1-6d0f-4ef5-8f2b-2a3d6cf0a1b7", 0
# The boot before it, of the same start of the machine, never knew the time.
FIRST_BOOT, FIRST_ANCHOR = 41, Anchor(9_000_000_000, 1_795_100_000_000_000_000, "saved")
ROW = ClipRow(
    id="42-17",
    kind="event",
    path="EVENT/2026-11-20/dcp_20261120154500.mp4",
    day="2026-11-20",
    bytes=60_000_000,
    modified_ns=1_795_186_000_000_000_000,
    started_utc_ms=1_795_185_900_123,
    duration_seconds=60.0,
    frames=1800,
    dropped_frames=60,
    width=1920,
    height=1080,
    camera="front",
    integrity="closed",
    clock_source="system",
    lock_cause="button",
    has_thumbnail=True,
    place=PLACE,
    track=TRACK,
    event=EVENT,
    motion=msgspec.structs.replace(MOTION, scores=()),
)
DAY = DayCount(day="2026-11-20", loops=60, events=2, photos=1, bytes=3_600_000_000)
SAVE_REQUEST = SaveRequest(
    id="42-19",
    clip_ids=("42-16", "42-17"),
    cause="button",
    requested_utc=STARTED,
    from_monotonic_ns=100_000_000_000,
    to_monotonic_ns=170_000_000_000,
    at_monotonic_ns=160_000_000_000,
    loop_id="42-17",
    words="",
    parts=(ClipRange(clip_id="42-16", from_seconds=51.2), ClipRange(clip_id="42-17", to_seconds=8.0)),
    at_seconds=53.0,
    peak_seconds=54.5,
    score=62.5,
    made_id="42-k3",
)
CAMERA_MEMORY = CameraMemory(
    worked=CameraWish(CameraSettings(), 640),
    trial=CameraTrial(
        wish=CameraWish(CameraSettings(kind="usb", source="/dev/video2", width=1920, height=1080, fps=30.0), 320),
        starts=2,
        has_sent=True,
        refusal="the camera has sent nothing for 20 s",
    ),
)
CAMERA = m.CameraStatus(
    kind="pattern",
    name="front",
    description="synthetic drive",
    width=1280,
    height=720,
    fps=30.0,
    encoder="libx264 ultrafast",
    notes=("no camera was found",),
    is_fallback=True,
    modes=(m.CameraMode(width=1280, height=720, fps=30.0),),
    stamp_hindrance="",
)
CLOCK = m.ClockStatus(
    utc=STARTED,
    source="system",
    zone="Europe/Berlin",
    error_seconds=60.0,
    monotonic_ns=123_456_789_012,
    utc_ns=1_795_185_900_123_456_789,
    words="the machine's clock chip",
)
QUEUE = m.QueueStatus(
    used_bytes=0,
    limit_bytes=16_000_000,
    high_water_bytes=40_000,
    dropped_frames=60,
    dropped_gops=2,
    longest_stall_seconds=0.25,
    slow_writes=1,
)
MOTION_NOW = m.MotionStatus(
    state="moving",
    score=62.5,
    confidence=0.9,
    regions=(m.MotionRegion(x=0.25, y=0.5, width=0.1, height=0.2, score=62.5),),
    captured_monotonic_ns=123_456_789_012,
    words="",
)
STATUS = m.RecorderStatus(
    is_recording=True,
    state="recording",
    reason="",
    warnings=("less than 15 % of the card is free",),
    version="0.1.0",
    boot=42,
    pid=4711,
    started_by_hand=False,
    uptime_seconds=75.5,
    camera=CAMERA,
    open_clip=m.OpenClip(id="42-18", path="VIDEO/2026-11-20/dcp_20261120154600.mp4", seconds=12.5, bytes=12_000_000),
    newest_packet_age_seconds=0.02,
    frames_received=2265,
    frames_written=2260,
    queue=QUEUE,
    card=m.CardStatus(folder="/data", total_bytes=64_000_000_000, free_bytes=12_000_000_000),
    clock=CLOCK,
    preview_viewers=1,
    bytes_per_second=1_000_000.0,
    pending_settings=("camera.width",),
    recording_since_seconds=72.5,
    gps=m.GpsStatus(
        kind="serial",
        device="/dev/ttyACM0 at 9600 baud",
        is_connected=True,
        is_real=True,
        status="fix",
        place=PLACE,
        age_seconds=0.4,
        satellites_in_view=14,
        words="fix from 9 satellites",
    ),
    trip=m.TripStatus(seconds=600.0, moving_seconds=540.0, distance_m=7512.5, top_speed_mps=16.25, clip_id="42-8"),
    mode=m.ModeStatus(wanted="auto", mode="watch", words="Mon-Fri 08:00 to 18:00"),
    motion=MOTION_NOW,
    ring=m.RingStatus(
        seconds=8.5, asked_seconds=10.0, bytes=8_500_000, limit_bytes=8_500_000, words="the memory for them is full"
    ),
    event=m.EventStatus(id="42-19", cause="motion", seconds=12.5, score=62.5, triggers=7, is_durable=True),
    events=3,
)
USAGE = m.Usage(clips=60, bytes=3_600_000_000, quota_bytes=48_000_000_000)
PROGRESS = m.KeeperProgress(
    state="working",
    warnings=(),
    version="0.1.0",
    pid=4712,
    catalogued=63,
    waiting_jobs=1,
    repaired=1,
    broken=0,
    deleted_by_quota=5,
    loop=USAGE,
    event=USAGE,
    photo=USAGE,
    jobs=(
        m.JobStatus(
            id="cut-3", kind="cut", state="done", words="Saved 12 s", share=1.0, seconds_left=0.0, result_ids=("42-k4",)
        ),
        m.JobStatus(
            id="search-1", kind="search", state="running", words="12 of 60 clips", share=0.2, seconds_left=90.0
        ),
    ),
    announcements=(m.Announcement(id="42-3", clip_id="42-3", words="Saved on 20 November, goes from tomorrow."),),
)
IDS = ("42-16", "42-17")

MESSAGES: tuple[m.Message, ...] = (
    m.Done(),
    m.Failed(code="card_full", message="The card is full; unlock or delete clips."),
    m.GetStatus(),
    m.WatchStatus(),
    m.WatchPreview(),
    m.TakePhoto(),
    m.Save(cause="button", before_seconds=60.0, after_seconds=10.0),
    m.StartRecording(),
    m.StopRecording(),
    m.SettingsChanged(may_interrupt=True),
    m.SettingsTaken(pending=("camera.width",)),
    m.OfferTime(utc_ns=1_795_185_960_123_000_000, monotonic_ns=160_000_000_000, error_seconds=0.05),
    m.TimeAnswer(is_taken=False, words="GPS knows better", clock=CLOCK),
    m.GetTrip(),
    m.TripLine(points=TRACK.line),
    m.PreviewPicture(jpeg=b"\xff\xd8\xff\xd9", width=640, height=360, captured_monotonic_ns=1_000_000),
    m.PhotoTaken(id="42-20", path="PHOTO/2026-11-20/dcp_20261120154530.jpg"),
    m.Saved(id="42-19", clip_ids=IDS, before_seconds=60.0, after_seconds=10.0, words=""),
    m.WatchMotion(),
    m.MotionSeen(motion=MOTION_NOW),
    m.GetMotionHistory(),
    m.MotionHistory(points=(m.MotionPoint(1.0, 62.5, 0.9, True), m.MotionPoint(0.0, 0.0, 0.0, False))),
    m.Stopped(clip_ids=IDS),
    STATUS,
    m.LockClips(ids=IDS, cause="hand"),
    m.UnlockClips(ids=IDS),
    m.DeleteClips(ids=IDS, locked=("42-17",)),
    m.ScanCard(),
    m.CutRange(from_id="42-16", from_seconds=31.5, to_id="42-17", to_seconds=12.25, cause="hand"),
    m.SearchMotion(ids=IDS, day="", cut=True),
    m.StopJob(id="search-1"),
    m.JobTaken(id="search-1"),
    m.SawAnnouncement(ids=("42-3",)),
    m.GetProgress(),
    m.ClipsDone(done=("42-16",), failed={"42-17": "It was locked meanwhile."}, locked=("42-17",)),
    PROGRESS,
    *NETWORK_MESSAGES,
)
