"""Transition table of a reading."""

from core.states import TransitionTable

AUTO_ACCEPTED = "auto_accepted"
IN_REVIEW = "in_review"
CONFIRMED = "confirmed"
REJECTED = "rejected"

SETTLED = (AUTO_ACCEPTED, CONFIRMED)
"""States in which a decision may rest on the plate."""

READING = TransitionTable(
    "reading",
    "imaging",
    [
        # from        event      to           who may
        (IN_REVIEW, "confirm", CONFIRMED, "reviewer"),
        (IN_REVIEW, "reject", REJECTED, "reviewer"),
    ],
)
