"""Transition table of a reading."""

from core.states import TransitionTable

AUTO_ACCEPTED = "auto_accepted"
IN_REVIEW = "in_review"
IN_SECOND_REVIEW = "in_second_review"
DISPUTED = "disputed"
CONFIRMED = "confirmed"
REJECTED = "rejected"

WAITING = (IN_REVIEW, IN_SECOND_REVIEW, DISPUTED)
"""States in which a person has to look."""

SETTLED = (AUTO_ACCEPTED, CONFIRMED)
"""States in which a decision may rest on the plate."""

READING = TransitionTable(
    "reading",
    "imaging",
    [
        # from             event       to                who may
        (IN_REVIEW, "confirm", CONFIRMED, "reviewer"),
        (IN_REVIEW, "reject", REJECTED, "reviewer"),
        (IN_REVIEW, "pass_on", IN_SECOND_REVIEW, "reviewer"),
        (IN_SECOND_REVIEW, "agree", CONFIRMED, "reviewer"),
        (IN_SECOND_REVIEW, "disagree", DISPUTED, "reviewer"),
        (DISPUTED, "confirm", CONFIRMED, "reviewer"),
        (DISPUTED, "reject", REJECTED, "reviewer"),
    ],
)
