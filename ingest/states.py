"""Transition tables of ingest."""

from core.states import TransitionTable

CAMERA = TransitionTable(
    "camera",
    "ingest",
    [
        # from       event     to         who may
        ("active", "revoke", "revoked", "operator"),
    ],
)

QUARANTINE = TransitionTable(
    "quarantined_package",
    "ingest",
    [
        # from     event      to           who may
        ("held", "discard", "discarded", "operator"),
    ],
)
