"""The queues: kept apart by cost and urgency, so that what waits in one holds up no other."""

from collections import deque
from collections.abc import Sequence

QUEUES = {
    "evidence": "captures into the evidence log",
    "decisions": "what changes a case: decide, apply an outcome, look at a payment",
    "letters": "make and deliver letters",
    "notifications": "e-mails, webhooks and other calls to whoever may be slow",
    "export": "long work: print runs, dossiers, handovers, lists",
    "imaging": "read and redact photos, read scanned letters",
}
"""What is in each. A worker for several takes from the first that has something, in this order: what nears its end goes
before what begins, so that little lies half done."""


class InProcessQueues:
    """The embedded default's queues: lists of ids that this process works off."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[str]] = {name: deque() for name in QUEUES}

    def room(self, queue: str) -> int:
        """A batch at a time, so that a crash leaves little handed out."""
        return 50 - len(self._waiting[queue])

    def enqueue(self, queue: str, message_id: str, attempt: int) -> None:  # noqa: ARG002 - part of the interface
        self._waiting[queue].append(message_id)

    def next_of(self, queues: Sequence[str]) -> str | None:
        """The id of what is to be done next in these queues, which only the caller takes from."""
        for name in queues:
            if self._waiting[name]:
                return self._waiting[name].popleft()
        return None
