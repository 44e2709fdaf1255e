"""Transition tables of appeals, from the appeal itself to each question that is asked about it."""

from core.states import TransitionTable

FILED = "filed"
IN_HANDLING = "in_handling"
AWAITING_REPAIR = "awaiting_repair"
PROPOSED = "proposed"
DECIDED = "decided"
WITHDRAWN = "withdrawn"

OPEN = (FILED, IN_HANDLING, AWAITING_REPAIR, PROPOSED)
"""An appeal in one of these is to be decided."""

APPEAL = TransitionTable(
    "appeal",
    "appeals",
    [
        # from             event         to               who may
        (FILED, "take", IN_HANDLING, "handler"),
        (IN_HANDLING, "release", FILED, "handler"),
        (IN_HANDLING, "ask_repair", AWAITING_REPAIR, "handler"),
        (AWAITING_REPAIR, "repair", IN_HANDLING, "handler intake"),
        (AWAITING_REPAIR, "lapse", IN_HANDLING, "system"),
        (IN_HANDLING, "propose", PROPOSED, "handler"),
        (PROPOSED, "send_back", IN_HANDLING, "handler senior"),
        (PROPOSED, "decide", DECIDED, "handler senior"),
        (IN_HANDLING, "decide", DECIDED, "handler"),
        *[(state, "withdraw", WITHDRAWN, "citizen professional handler") for state in OPEN],
    ],
)

ASKED = "asked"
REPAIRED = "repaired"
LAPSED = "lapsed"

REPAIR = TransitionTable(
    "repair",
    "appeals",
    [
        (ASKED, "repair", REPAIRED, "handler intake"),
        (ASKED, "lapse", LAPSED, "system"),
        (ASKED, "end", LAPSED, "citizen professional handler senior"),
    ],
)

PLANNED = "planned"
HELD = "held"
MISSED = "missed"
CANCELLED = "cancelled"

HEARING = TransitionTable(
    "hearing",
    "appeals",
    [
        (PLANNED, "hold", HELD, "handler"),
        (PLANNED, "miss", MISSED, "handler"),
        (PLANNED, "cancel", CANCELLED, "citizen professional handler senior"),
    ],
)

ANSWERED = "answered"
DROPPED = "dropped"

INQUIRY = TransitionTable(
    "inquiry",
    "appeals",
    [
        (ASKED, "answer", ANSWERED, "handler"),
        (ASKED, "drop", DROPPED, "citizen professional handler senior"),
    ],
)

WAITING = "waiting"
ENTERED = "entered"
DISMISSED = "dismissed"

LETTER = TransitionTable(
    "scanned_letter",
    "appeals",
    [
        (WAITING, "enter", ENTERED, "handler intake"),
        (WAITING, "dismiss", DISMISSED, "handler intake"),
    ],
)

AWAITING_SECURITY = "awaiting_security"
READY = "ready"
AT_COURT = "at_court"
RULED = "ruled"
AT_HIGHER_COURT = "at_higher_court"
RULED_HIGHER = "ruled_higher"

BEFORE_RULING = (AWAITING_SECURITY, READY, AT_COURT)
"""The district court is to rule on a case in one of these."""
BEFORE_COURT = (*BEFORE_RULING, AT_HIGHER_COURT)
"""A case in one of these has no ruling that stands."""

COURT_APPEAL = TransitionTable(
    "court_appeal",
    "appeals",
    [
        # from               event               to         who may
        (AWAITING_SECURITY, "security_given", READY, "court-liaison"),
        (AWAITING_SECURITY, "security_lapsed", READY, "court-liaison"),
        (READY, "send", AT_COURT, "system"),
        (AT_COURT, "rule", RULED, "court-liaison"),
        (RULED, "go_higher", AT_HIGHER_COURT, "court-liaison"),
        (AT_HIGHER_COURT, "rule", RULED_HIGHER, "court-liaison"),
        # Wahv art. 20d par. 2: the district court judges anew.
        (AT_HIGHER_COURT, "refer_back", AT_COURT, "court-liaison"),
    ],
)
