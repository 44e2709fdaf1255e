"""Transition table of a decision (beschikking)."""

from core.states import TransitionTable

ISSUED = "issued"
PAID = "paid"
INCREASED_ONCE = "increased_once"
INCREASED_TWICE = "increased_twice"
IN_COLLECTION = "in_collection"
UNDER_APPEAL = "under_appeal"
ANNULLED = "annulled"

DECISION = TransitionTable(
    "decision",
    "fines",
    [
        # from             event                     to               who may
        (ISSUED, "pay", PAID, "system cashier"),
        (ISSUED, "increase", INCREASED_ONCE, "system"),
        (ISSUED, "appeal", UNDER_APPEAL, "citizen handler"),
        (INCREASED_ONCE, "pay", PAID, "system cashier"),
        (INCREASED_ONCE, "increase", INCREASED_TWICE, "system"),
        (INCREASED_ONCE, "appeal", UNDER_APPEAL, "citizen handler"),
        (INCREASED_TWICE, "pay", PAID, "system cashier"),
        (INCREASED_TWICE, "collect", IN_COLLECTION, "system"),
        (INCREASED_TWICE, "appeal", UNDER_APPEAL, "citizen handler"),
        (IN_COLLECTION, "pay", PAID, "system cashier"),
        (IN_COLLECTION, "appeal", UNDER_APPEAL, "citizen handler"),
        (PAID, "appeal", UNDER_APPEAL, "citizen handler"),
        (UNDER_APPEAL, "annul", ANNULLED, "system"),
        (UNDER_APPEAL, "resume_issued", ISSUED, "system"),
        (UNDER_APPEAL, "resume_paid", PAID, "system"),
        (UNDER_APPEAL, "resume_increased_once", INCREASED_ONCE, "system"),
        (UNDER_APPEAL, "resume_increased_twice", INCREASED_TWICE, "system"),
        (UNDER_APPEAL, "resume_in_collection", IN_COLLECTION, "system"),
    ],
)
