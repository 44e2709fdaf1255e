"""Transition tables of fines' aggregates, from the decision (beschikking) to a release of rule data."""

from core.states import TransitionTable

ISSUED = "issued"
PAID = "paid"
INCREASED_ONCE = "increased_once"
INCREASED_TWICE = "increased_twice"
IN_COLLECTION = "in_collection"
UNDER_APPEAL = "under_appeal"
ANNULLED = "annulled"
WRITTEN_OFF = "written_off"
DESTROYED = "destroyed"
"""Its term of retention has passed: what it cost stays in the books, whom it was for is nowhere any more."""

IN_PLAN = "in_plan"

_UNPAID = (ISSUED, INCREASED_ONCE, INCREASED_TWICE, IN_COLLECTION)

_APPEALS_IN = "citizen professional intake handler court-liaison"
"""By whom an appeal may come in."""

DECISION = TransitionTable(
    "decision",
    "fines",
    [
        # from             event                     to               who may
        (ISSUED, "increase", INCREASED_ONCE, "system"),
        (INCREASED_ONCE, "increase", INCREASED_TWICE, "system"),
        (INCREASED_TWICE, "collect", IN_COLLECTION, "system"),
        *[(state, "pay", PAID, "system cashier") for state in (*_UNPAID, IN_PLAN)],
        *[(PAID, f"reopen_{state}", state, "system cashier") for state in _UNPAID],
        *[(state, "grant_plan", IN_PLAN, "handler") for state in _UNPAID],
        *[(IN_PLAN, f"leave_plan_{state}", state, "system handler") for state in _UNPAID],
        *[(state, "appeal", UNDER_APPEAL, _APPEALS_IN) for state in (*_UNPAID, IN_PLAN, PAID)],
        (UNDER_APPEAL, "annul", ANNULLED, "system"),
        *[(UNDER_APPEAL, f"resume_{state}", state, "system") for state in (PAID, *_UNPAID)],
        *[(state, "annul_keeper", ANNULLED, "handler") for state in (*_UNPAID, IN_PLAN, PAID)],
        *[(state, "write_off", WRITTEN_OFF, "handler") for state in (*_UNPAID, IN_PLAN)],
        *[(state, "destroy", DESTROYED, "system") for state in (PAID, ANNULLED, WRITTEN_OFF)],
    ],
)

GRANTED = "granted"
KEPT = "kept"
BROKEN = "broken"
ENDED = "ended"

ASKED = "asked"
REFUSED = "refused"
PROPOSED = "proposed"
APPROVED = "approved"
WITHDRAWN = "withdrawn"

RELEASE = TransitionTable(
    "rule_release",
    "fines",
    [
        (PROPOSED, "approve", APPROVED, "jurist"),
        (PROPOSED, "withdraw", WITHDRAWN, "jurist"),
    ],
)

PLAN = TransitionTable(
    "payment_plan",
    "fines",
    [
        (ASKED, "grant", GRANTED, "handler"),
        (ASKED, "refuse", REFUSED, "handler"),
        (GRANTED, "keep", KEPT, "system cashier"),
        (GRANTED, "break", BROKEN, "system"),
        (GRANTED, "end", ENDED, f"system {_APPEALS_IN}"),
    ],
)

AT_COURT = "at_court"
DECIDED = "decided"
EXECUTED = "executed"
LIFTED = "lifted"

MEASURE = TransitionTable(
    "measure",
    "fines",
    [
        # Each is proposed by one person and decided by another; detention needs the court's leave (art. 28) as well.
        (PROPOSED, "decide", DECIDED, "handler"),
        (PROPOSED, "refuse", REFUSED, f"system cashier {_APPEALS_IN}"),
        (PROPOSED, "ask_court", AT_COURT, "handler"),
        (AT_COURT, "grant_leave", DECIDED, "handler"),
        (AT_COURT, "refuse_leave", REFUSED, "handler"),
        (AT_COURT, "lift", LIFTED, f"system cashier {_APPEALS_IN}"),
        (DECIDED, "execute", EXECUTED, "handler"),
        (DECIDED, "lift", LIFTED, f"system cashier {_APPEALS_IN}"),
        (EXECUTED, "lift", LIFTED, f"system cashier {_APPEALS_IN}"),
        (EXECUTED, "end", ENDED, "handler"),
    ],
)

SUSPENSE = "suspense"
ALLOCATED = "allocated"
REVERSED = "reversed"
GIVEN_BACK = "given_back"

PAYMENT = TransitionTable(
    "payment",
    "fines",
    [
        (SUSPENSE, "allocate", ALLOCATED, "cashier"),
        (SUSPENSE, "give_back", GIVEN_BACK, "cashier"),
        (SUSPENSE, "reverse", REVERSED, "system cashier"),
        (ALLOCATED, "reverse", REVERSED, "system cashier"),
        (ALLOCATED, "reverse_part", ALLOCATED, "system cashier"),
    ],
)

BOOKED = "booked"
HELD = "held"
CLEARED = "cleared"

BANK_ENTRY = TransitionTable(
    "bank_entry",
    "fines",
    [
        (HELD, "clear", CLEARED, "cashier"),
    ],
)

STARTED = "started"
OPEN = "open"
FAILED = "failed"
EXPIRED = "expired"
CANCELLED = "cancelled"

CHECKOUT = TransitionTable(
    "checkout",
    "fines",
    [
        (STARTED, "open", OPEN, "citizen handler"),
        *[(OPEN, event, state, "system") for event, state in (("fail", FAILED), ("expire", EXPIRED))],
        (OPEN, "cancel", CANCELLED, "system"),
        # Money is money: the provider may still say that a payment which had failed was made.
        *[(state, "pay", PAID, "system") for state in (OPEN, FAILED, EXPIRED, CANCELLED)],
    ],
)

FILED = "filed"
ACCEPTED = "accepted"

KEEPER_STATEMENT = TransitionTable(
    "keeper_statement",
    "fines",
    [
        (FILED, "accept", ACCEPTED, "handler"),
        (FILED, "refuse", REFUSED, "handler"),
    ],
)

HONOURED = "honoured"

CORRECTION = TransitionTable(
    "correction",
    "fines",
    [
        (ASKED, "honour", HONOURED, "handler"),
        (ASKED, "refuse", REFUSED, "handler"),
    ],
)

WAITING = "waiting"
HANDED_OVER = "handed_over"
RECEIVED = "received"
PREPARING = "preparing"
READY = "ready"

REFERRAL = TransitionTable(
    "referral",
    "fines",
    [
        (WAITING, "hand_over", HANDED_OVER, "handler"),
        (HANDED_OVER, "receive", RECEIVED, "handler"),
    ],
)

HANDOVER = TransitionTable(
    "handover",
    "fines",
    [
        (PREPARING, "prepare", READY, "system"),
        (READY, "receive", RECEIVED, "handler"),
    ],
)

POSTED = "posted"
REDIRECTED = "redirected"
RESENT = "resent"
SERVED = "served"
SENT = "sent"
RETURNED = "returned"

DELIVERY = TransitionTable(
    "delivery",
    "fines",
    [
        (WAITING, "send", SENT, "system operator"),
        (WAITING, "redirect", REDIRECTED, "system"),
        (SENT, "return", RETURNED, "handler operator"),
        (RETURNED, "resend", RESENT, "handler"),
        # Undeliverable there as well: it counts as made known (Wahv art. 4 par. 2).
        (RETURNED, "serve", SERVED, "handler"),
    ],
)

PRINT_RUN = TransitionTable(
    "print_run",
    "fines",
    [
        (PREPARING, "prepare", READY, "system"),
        (READY, "post", POSTED, "operator"),
    ],
)

PAID_OUT = "paid_out"

PAYOUT = TransitionTable(
    "payout",
    "fines",
    [
        (ASKED, "approve", APPROVED, "cashier"),
        (ASKED, "refuse", REFUSED, "cashier"),
        (APPROVED, "refuse", REFUSED, "cashier"),
        (APPROVED, "send", SENT, "cashier"),
        (SENT, "settle", PAID_OUT, "system cashier"),
        (SENT, "return", RETURNED, "system cashier"),
        (PAID_OUT, "return", RETURNED, "system cashier"),
    ],
)

KNOWN = "known"
DONE = "done"

HIRER_LIST = TransitionTable(
    "hirer_list",
    "fines",
    [
        (RECEIVED, "finish", DONE, "system"),
    ],
)

HIRER_ROW = TransitionTable(
    "hirer_row",
    "fines",
    [
        (WAITING, "file", FILED, "system"),
        (WAITING, "know", KNOWN, "system"),
        (WAITING, "refuse", REFUSED, "system"),
    ],
)

GIVEN = "given"
TAKEN = "taken"

STANDING_MANDATE = (GIVEN, TAKEN)
"""By a mandate in one of these somebody may act."""
OPEN_MANDATE = (ASKED, *STANDING_MANDATE)
"""While one of these is there, no other is given in the case."""

MANDATE = TransitionTable(
    "mandate",
    "fines",
    [
        # A guardian's is looked at first.
        (ASKED, "grant", GIVEN, "handler"),
        (ASKED, "refuse", REFUSED, "handler"),
        (GIVEN, "take", TAKEN, "citizen professional"),
        *[(state, "end", ENDED, "citizen professional handler") for state in OPEN_MANDATE],
        *[(state, "lapse", ENDED, "system") for state in STANDING_MANDATE],
    ],
)
