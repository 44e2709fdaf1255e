"""What fines tells the rest of the chain, and what it listens to."""

DECISION_ISSUED = "fines.decision_issued"
"""Payload: decisionId."""

LETTER_DUE = "fines.letter_due"
"""Payload: decisionId, kind (decision, first_reminder, second_reminder, outcome, ruling)."""

HANDOVER_ASKED = "fines.handover_asked"
"""Payload: handoverId."""

PROVIDER_TOLD = "fines.provider_told"
"""The payment provider said that a payment changed. Payload: checkoutId."""

OUTCOME_REACHED = "appeals.outcome_reached"
"""Listened to. Payload: decisionId, outcome (upheld, amended, annulled), sanctionCents where amended, motivation,
stage (prosecutor or court), source (what decided it)."""
