"""What fines tells the rest of the chain, and what it listens to."""

DECISION_ISSUED = "fines.decision_issued"
"""Payload: decisionId."""

LETTER_DUE = "fines.letter_due"
"""Payload: decisionId, kind (a letter of fines/texts/letters.yaml), outcome and motivation, number."""

HANDOVER_ASKED = "fines.handover_asked"
"""Payload: handoverId."""

PROVIDER_TOLD = "fines.provider_told"
"""The payment provider said that a payment changed. Payload: checkoutId."""

DELIVERY_DUE = "fines.delivery_due"
"""Payload: deliveryId, of a letter for the mailbox."""

PRINT_RUN_ASKED = "fines.print_run_asked"
"""Payload: printRunId."""

PRINT_RUN_POSTED = "fines.print_run_posted"
"""Payload: printRunId."""

OUTCOME_REACHED = "appeals.outcome_reached"
"""Listened to. Payload: decisionId, outcome (upheld, amended, annulled), sanctionCents where amended, motivation,
stage (prosecutor or court), source (what decided it)."""

HIRERS_NAMED = "fines.hirers_named"
"""Some rows of a list of hirers wait to become statements. Payload: listId, first and last line."""

LETTER_MADE = "fines.letter_made"
"""Payload: letterId."""

EMAIL_DUE = "fines.email_due"
"""Payload: emailId, kind (of fines/texts/emails.yaml), letterId."""
