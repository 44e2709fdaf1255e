"""What fines does later."""

from core.jobs import Job, JobRegistry
from fines import events
from fines.service import FinesService
from imaging.service import PHOTOS_REDACTED


def register(registry: JobRegistry, fines: FinesService) -> None:
    """Decide once the citizen's photo exists, and all that follows from it later."""
    registry.on(PHOTOS_REDACTED, Job("fines.decide", "decisions", fines.store_decision, prepare=fines.prepare_decision))
    registry.on(
        events.LETTER_DUE, Job("fines.make_letter", "letters", fines.store_letter, prepare=fines.prepare_letter)
    )
    runs = fines.print_runs
    registry.on(
        events.DELIVERY_DUE, Job("fines.deliver", "letters", fines.deliveries.apply, prepare=fines.deliveries.prepare)
    )
    registry.on(events.PRINT_RUN_ASKED, Job("fines.prepare_print_run", "export", runs.store, prepare=runs.prepare))
    registry.on(
        events.PRINT_RUN_POSTED, Job("fines.forget_print_run", "export", runs.forgotten, prepare=runs.forget_files)
    )
    prosecution = fines.prosecution
    registry.on(
        events.HANDOVER_ASKED,
        Job("fines.prepare_handover", "export", prosecution.store_bags, prepare=prosecution.prepare_bags),
    )
    checkouts = fines.checkouts
    registry.on(
        events.PROVIDER_TOLD,
        Job("fines.look_at_payment", "decisions", checkouts.apply_look, prepare=checkouts.prepare_look),
    )
    registry.on(events.HIRERS_NAMED, Job("fines.state_hirers", "export", fines.hirer_lists.state_rows))
    notices = fines.notices
    registry.on(events.LETTER_MADE, Job("fines.tell_of_letter", "notifications", fines.telling.letter_made))
    registry.watch("decision", fines.telling.decisions_moved)
    registry.watch("hirer_list", fines.telling.hirer_lists_moved)
    registry.on(events.EMAIL_DUE, Job("fines.send_email", "notifications", notices.apply, prepare=notices.prepare))
    registry.on(events.OUTCOME_REACHED, Job("fines.apply_outcome", "decisions", fines.outcomes.apply))
