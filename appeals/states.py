"""Transition tables of appeals."""

from core.states import TransitionTable

FILED = "filed"
IN_HANDLING = "in_handling"
DECIDED = "decided"

APPEAL = TransitionTable(
    "appeal",
    "appeals",
    [
        # from         event     to           who may
        (FILED, "take", IN_HANDLING, "handler"),
        (IN_HANDLING, "release", FILED, "handler"),
        (IN_HANDLING, "decide", DECIDED, "handler"),
    ],
)

AWAITING_SECURITY = "awaiting_security"
READY = "ready"
AT_COURT = "at_court"
RULED = "ruled"

COURT_APPEAL = TransitionTable(
    "court_appeal",
    "appeals",
    [
        # from               event               to         who may
        (AWAITING_SECURITY, "security_given", READY, "handler"),
        (AWAITING_SECURITY, "security_lapsed", READY, "handler"),
        (READY, "send", AT_COURT, "system"),
        (AT_COURT, "rule", RULED, "handler"),
    ],
)
