"""What appeals tells the rest of the chain. The outcome's event is named by fines, which listens to it."""

LETTER_SCANNED = "appeals.letter_scanned"
"""Payload: letterId. A machine may read it."""

DOSSIER_DUE = "appeals.dossier_due"
"""Payload: courtAppealId. The case may go to the district court."""

DOSSIER_MADE = "appeals.dossier_made"
"""Payload: courtAppealId. The dossier can be brought to the court's registry."""
