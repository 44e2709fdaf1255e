"""Transition table of a reading."""

from core.states import TransitionTable

AUTO_ACCEPTED = "auto_accepted"
IN_REVIEW = "in_review"
CONFIRMED = "confirmed"
REJECTED = "rejected"

READING = TransitionTable(
    "reading",
    "imaging",
    [
        # from        event      to           who may
        (IN_REVIEW, "confirm", CONFIRMED, "reviewer"),
        (IN_REVIEW, "reject", REJECTED, "reviewer"),
    ],
)
