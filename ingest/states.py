"""Transition tables of ingest."""

from core.states import TransitionTable

CAMERA = TransitionTable(
    "camera",
    "ingest",
    [
        # from          event     to         who may
        ("announced", "enrol", "active", "camera"),
        ("announced", "revoke", "revoked", "operator"),
        ("active", "revoke", "revoked", "operator"),
    ],
)

CAMERA_KEY = TransitionTable(
    "camera_key",
    "ingest",
    [
        # from           event        to            who may
        ("active", "supersede", "superseded", "camera"),
        ("active", "end", "ended", "operator"),
        ("superseded", "end", "ended", "operator"),
    ],
)

QUARANTINE = TransitionTable(
    "quarantined_package",
    "ingest",
    [
        # from     event      to           who may
        ("held", "release", "released", "operator"),
        ("held", "discard", "discarded", "operator"),
    ],
)
