"""Letters by post: one PDF for each postal sort, with a manifest, kept only until the printer has posted them."""

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pypdf import PdfReader, PdfWriter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.blobs import DOCUMENTS, BlobStore
from core.clock import Clock, local_date
from core.errors import Conflict, NotFound
from core.settings import Settings
from core.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from fines import events, states
from fines.delivery import POST, Deliveries
from fines.letters import address_sheet
from fines.models import Decision, Delivery, Letter, PrintRun
from fines.states import PRINT_RUN

_HOME = "Nederland"
_ABROAD = "abroad"
_MOST_LETTERS = 5000
"""In one run; what is over waits for the next."""


@dataclass(frozen=True)
class PrintRunView:
    """A print run; `manifest` names each file by its digest and each letter in it by its pages, without a name."""

    id: str
    state: str
    made_at: datetime
    letters: int
    manifest: list[dict[str, Any]]
    posted_on: date | None


class PrintRuns:
    """See module."""

    def __init__(
        self, units: UnitsOfWork, blobs: BlobStore, clock: Clock, settings: Settings, deliveries: Deliveries
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._clock = clock
        self._settings = settings
        self._deliveries = deliveries

    def waiting(self) -> int:
        """How many letters wait for the post."""
        with self._units.read() as session:
            return int(session.scalar(select(func.count()).where(*_WAITING)) or 0)

    def runs(self) -> list[PrintRunView]:
        """Print runs, newest first."""
        with self._units.read() as session:
            rows = session.execute(
                select(PrintRun, func.count(Delivery.id))
                .outerjoin(Delivery, Delivery.print_run_id == PrintRun.id)
                .group_by(PrintRun.id)
                .order_by(PrintRun.made_at.desc())
            )
            return [
                PrintRunView(row.id, row.state, row.made_at, count, row.manifest or [], row.posted_on)
                for row, count in rows
            ]

    def make(self, actor: Actor) -> str:
        """Put what waits for the post in a run, which a job prepares; returns its id. Raises Conflict, NotAllowed."""
        _require_operator(actor)
        with self._units.begin(actor) as uow:
            waiting = uow.session.scalars(
                select(Delivery).where(*_WAITING).order_by(Delivery.id).limit(_MOST_LETTERS).with_for_update()
            ).all()
            if not waiting:
                raise Conflict("nothing-waits", "no letter waits for the post")
            run = PrintRun(
                made_by=actor.id,
                made_at=self._clock.now(),
                manifest=None,
                posted_on=None,
                forgotten=False,
                state=states.PREPARING,
            )
            uow.add(run)
            PRINT_RUN.create(uow, run, f"{len(waiting)} letters")
            for delivery in waiting:
                delivery.print_run_id = run.id
            uow.publish(events.PRINT_RUN_ASKED, run.id, {"printRunId": run.id})
            uow.commit()
            return run.id

    def prepare(self, payload: dict[str, Any]) -> list[dict[str, Any]]:
        """Job, slow half: a file for each postal sort; returns the manifest."""
        run_id = payload["printRunId"]
        sorts: dict[str, list[tuple[Delivery, Letter, str]]] = defaultdict(list)
        with self._units.read() as session:
            for delivery, letter, capture_id in _letters_of(session, run_id):
                sorts[postal_sort(delivery.address)].append((delivery, letter, capture_id))
        return [self._file(run_id, sort, letters) for sort, letters in sorted(sorts.items())]

    def _file(self, run_id: str, sort: str, letters: Sequence[tuple[Delivery, Letter, str]]) -> dict[str, Any]:
        writer, contents = PdfWriter(), []
        for delivery, letter, capture_id in sorted(letters, key=lambda item: (item[0].address["postcode"], item[0].id)):
            first = len(writer.pages)
            if delivery.attempt > 1:
                writer.append(io.BytesIO(address_sheet(self._settings, delivery.address)), import_outline=False)
            pdf = self._blobs.get(DOCUMENTS, capture_id, letter.sha256)
            writer.append(PdfReader(io.BytesIO(pdf)), import_outline=False)
            contents.append(
                {
                    "delivery": delivery.id,
                    "letter_sha256": letter.sha256,
                    "first_page": first + 1,
                    "pages": len(writer.pages) - first,
                }
            )
        out = io.BytesIO()
        writer.write(out)
        address = self._blobs.put(DOCUMENTS, _case_id(run_id), out.getvalue())
        return {"sort": sort, "sha256": address, "pages": len(writer.pages), "letters": contents}

    def store(self, uow: UnitOfWork, payload: dict[str, Any], manifest: list[dict[str, Any]]) -> None:
        """Job, quick half."""
        run = uow.session.get_one(PrintRun, payload["printRunId"], with_for_update=True)
        run.manifest = manifest
        PRINT_RUN.fire(uow, run, "prepare", f"{len(manifest)} files")

    def file(self, actor: Actor, run_id: str, sort: str) -> bytes:
        """The PDF of one postal sort; each fetch is in the audit log.

        Raises NotFound, NotAllowed, and Conflict while it is prepared or when it was posted and forgotten.
        """
        _require_operator(actor)
        with self._units.begin(actor) as uow:
            run = _run(uow, run_id)
            if run.state != states.READY:
                raise Conflict("files-not-there", f"the run is {run.state}: its files are there from ready to posted")
            entry = next((entry for entry in run.manifest or [] if entry["sort"] == sort), None)
            if entry is None:
                raise NotFound("sort-unknown", "this run has no such postal sort")
            uow.record("access", "print_file.fetched", "print_run", run.id, f"postal sort {sort}", {})
            uow.commit()
        return self._blobs.get(DOCUMENTS, _case_id(run_id), entry["sha256"])

    def posted(self, actor: Actor, run_id: str) -> None:
        """The printer has posted all of it: terms run from today. Raises NotFound, Conflict, NotAllowed."""
        with self._units.begin(actor) as uow:
            run = _run(uow, run_id)
            PRINT_RUN.fire(uow, run, "post", "the printer says so")
            run.posted_on = local_date(self._clock.now())
            pages = {
                letter["delivery"]: {"print_run": run.id, "sort": entry["sort"], **letter}
                for entry in run.manifest or []
                for letter in entry["letters"]
            }
            for delivery, letter, _ in _letters_of(uow.session, run.id):
                delivery.proof = pages[delivery.id]
                self._deliveries.sent(uow, delivery, letter, run.posted_on, f"posted in print run {run.id}")
            uow.publish(events.PRINT_RUN_POSTED, run.id, {"printRunId": run.id})
            uow.commit()

    def forget_files(self, payload: dict[str, Any]) -> None:
        """Job, slow half: what was posted is not kept a second time."""
        self._blobs.destroy_case(_case_id(payload["printRunId"]))

    def forgotten(self, uow: UnitOfWork, payload: dict[str, Any], _: None) -> None:
        """Job, quick half."""
        uow.session.get_one(PrintRun, payload["printRunId"]).forgotten = True


def postal_sort(address: Mapping[str, str]) -> str:
    """The first two digits of the postcode, or `abroad`."""
    digits = address["postcode"].strip()[:2]
    return digits if address["country"] == _HOME and digits.isdecimal() and len(digits) == 2 else _ABROAD


_WAITING = (Delivery.state == states.WAITING, Delivery.channel == POST, Delivery.print_run_id.is_(None))


def _letters_of(session: Session, run_id: str) -> list[tuple[Delivery, Letter, str]]:
    rows = session.execute(
        select(Delivery, Letter, Decision.capture_id)
        .join(Letter, Letter.id == Delivery.letter_id)
        .join(Decision, Decision.id == Letter.decision_id)
        .where(Delivery.print_run_id == run_id)
        .order_by(Decision.id, Delivery.id)
    )
    return [(delivery, letter, capture_id) for delivery, letter, capture_id in rows]


def _run(uow: UnitOfWork, run_id: str) -> PrintRun:
    row = uow.session.get(PrintRun, run_id, with_for_update=True)
    if row is None:
        raise NotFound("print-run-unknown", "there is no such print run")
    return row


def _case_id(run_id: str) -> str:
    """The key of a run's files is its own, so that they can be forgotten."""
    return f"print-{run_id}"


def _require_operator(actor: Actor) -> None:
    actor.require("operator", told="print runs are for operators")
