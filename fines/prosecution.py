"""Criminal cases for the prosecutor: exported as a bag each, with a manifest, and done with when he receipts it."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.bag import bagged, readable_json
from core.blobs import DOCUMENTS, BlobStore
from core.canonical import canonical_json
from core.clock import Clock
from core.errors import Conflict, InvalidInput, NotFound
from core.settings import Settings
from core.unit_of_work import SYSTEM, Actor, UnitOfWork, UnitsOfWork
from fines import events, states
from fines.assessment import Assessed
from fines.conduct import Conduct
from fines.models import Assessment, Handover, Referral
from fines.states import HANDOVER, REFERRAL
from ingest.service import IngestService

_ASSESSED = select(Referral, Assessment).join(Assessment, Assessment.id == Referral.assessment_id)


@dataclass(frozen=True)
class ReferralView:
    """A criminal case and how far its way to the prosecutor is."""

    capture_id: str
    reason: str
    explanation: list[dict[str, Any]]
    corrected_kmh: int
    assessed_at: datetime
    state: str
    handover_id: str | None
    prosecutor_number: str | None


@dataclass(frozen=True)
class HandoverView:
    """An export; its digest is what the receipt must name."""

    id: str
    state: str
    asked_at: datetime
    cases: int
    manifest_sha256: str | None


class Prosecution:
    """See module."""

    def __init__(
        self, units: UnitsOfWork, blobs: BlobStore, clock: Clock, settings: Settings, ingest: IngestService
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._clock = clock
        self._settings = settings
        self._ingest = ingest

    def referrals(self) -> list[ReferralView]:
        """All that went to criminal law, oldest first."""
        with self._units.read() as session:
            rows = session.execute(_ASSESSED.order_by(Assessment.assessed_at, Referral.id))
            return [
                ReferralView(
                    referral.capture_id,
                    assessment.reason,
                    assessment.explanation,
                    referral.corrected_kmh,
                    assessment.assessed_at,
                    referral.state,
                    referral.handover_id,
                    referral.prosecutor_number,
                )
                for referral, assessment in rows
            ]

    def handovers(self) -> list[HandoverView]:
        """Exports, newest first."""
        with self._units.read() as session:
            rows = session.scalars(select(Handover).order_by(Handover.asked_at.desc()))
            return [
                HandoverView(row.id, row.state, row.asked_at, len(row.manifest or []), row.manifest_sha256)
                for row in rows
            ]

    def hand_over(self, actor: Actor) -> str:
        """Put all that waits in one export, which a job prepares; returns its id. Raises Conflict, NotAllowed."""
        with self._units.begin(actor) as uow:
            waiting = uow.session.scalars(
                select(Referral).where(Referral.state == states.WAITING).order_by(Referral.id).with_for_update()
            ).all()
            if not waiting:
                raise Conflict("nothing-waits", "no criminal case waits for the prosecutor")
            handover = Handover(
                asked_by=actor.id,
                asked_at=self._clock.now(),
                manifest=None,
                manifest_sha256=None,
                state=states.PREPARING,
            )
            uow.add(handover)
            HANDOVER.create(uow, handover, f"{len(waiting)} cases")
            for referral in waiting:
                referral.handover_id = handover.id
                REFERRAL.fire(uow, referral, "hand_over", f"in export {handover.id}")
            uow.publish(events.HANDOVER_ASKED, handover.id, {"handoverId": handover.id})
            uow.commit()
            return handover.id

    def prepare_bags(self, payload: dict[str, Any]) -> list[dict[str, str]]:
        """Job, slow half: a bag for each case, with the untouched photos; returns the manifest."""
        with self._units.read() as session:
            chosen = _ASSESSED.where(Referral.handover_id == payload["handoverId"]).order_by(Referral.id)
            rows = session.execute(chosen).all()
        return [
            {
                "capture": referral.capture_id,
                "sha256": self._blobs.put(DOCUMENTS, referral.capture_id, self._bag(referral, assessment)),
            }
            for referral, assessment in rows
        ]

    def _bag(self, referral: Referral, assessment: Assessment) -> bytes:
        evidence = self._ingest.evidence(referral.capture_id)
        purpose = f"export {referral.handover_id} for the prosecutor"
        photos = {
            f"photos/original_{image.position}.jpg": self._ingest.read_original(
                SYSTEM, evidence.id, image.position, purpose
            )
            for image in evidence.images
        }
        case = {
            "plate": referral.plate,
            "plate_country": referral.plate_country,
            "measured_kmh": referral.measured_kmh,
            "corrected_kmh": referral.corrected_kmh,
            "captured_at": evidence.captured_at,
            "assessed_at": assessment.assessed_at,
            "reason": assessment.reason,
            "explanation": assessment.explanation,
        }
        return bagged(
            f"case-{referral.capture_id}",
            {"case.json": readable_json(case), **self._ingest.evidence_files(evidence.id), **photos},
            {
                "Source-Organization": self._settings.authority_name,
                "External-Identifier": referral.capture_id,
                "External-Description": f"Criminal case for {self._settings.prosecutor_name} (Wahv art. 2)",
            },
            self._ingest.evidence_log.seal,
        )

    def store_bags(self, uow: UnitOfWork, payload: dict[str, Any], manifest: list[dict[str, str]]) -> None:
        """Job, quick half."""
        handover = uow.session.get_one(Handover, payload["handoverId"], with_for_update=True)
        handover.manifest = manifest
        handover.manifest_sha256 = hashlib.sha256(canonical_json(manifest)).hexdigest()
        HANDOVER.fire(uow, handover, "prepare", f"manifest {handover.manifest_sha256}")

    def export(self, actor: Actor, handover_id: str) -> bytes:
        """The export as a zip file: manifest.json and a bag for each case. Each fetch is in the audit log.

        Raises NotFound, NotAllowed, and Conflict while it is being prepared.
        """
        actor.require("handler", told="exports for the prosecutor are for handlers")
        with self._units.begin(actor) as uow:
            handover = _handover(uow, handover_id)
            if handover.manifest is None:
                raise Conflict("export-not-ready", "the export is being prepared: fetch it again in a moment")
            uow.record("access", "handover.fetched", "handover", handover.id, "for the prosecutor", {})
            uow.commit()
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("manifest.json", canonical_json(handover.manifest))
            for entry in handover.manifest:
                bag = self._blobs.get(DOCUMENTS, entry["capture"], entry["sha256"])
                archive.writestr(f"cases/{entry['capture']}.zip", bag)
        return buffer.getvalue()

    def receive(self, actor: Actor, handover_id: str, manifest_sha256: str, numbers: Mapping[str, str]) -> None:
        """The prosecutor's receipt: the digest of the manifest that he got, and his number for each capture.

        Raises NotFound, Conflict, NotAllowed, and InvalidInput where he got something else or not all of it.
        """
        with self._units.begin(actor) as uow:
            handover = _handover(uow, handover_id)
            HANDOVER.fire(uow, handover, "receive", f"receipt for manifest {manifest_sha256}")
            if manifest_sha256.lower() != handover.manifest_sha256:
                raise InvalidInput("receipt-differs", "the receipt is for another manifest than was sent")
            referrals = uow.session.scalars(
                select(Referral).where(Referral.handover_id == handover.id).order_by(Referral.id).with_for_update()
            ).all()
            missing = {row.capture_id for row in referrals} ^ set(numbers)
            if missing:
                amiss = ", ".join(sorted(missing))
                raise InvalidInput("receipt-incomplete", f"a number for each case and no other; amiss: {amiss}")
            for referral in referrals:
                referral.prosecutor_number = numbers[referral.capture_id]
                REFERRAL.fire(uow, referral, "receive", "receipted by the prosecutor")
            uow.commit()


def refer(uow: UnitOfWork, assessment: Assessment, conduct: Conduct, assessed: Assessed) -> None:
    """Inside a transaction: this conduct is for the prosecutor. Raises InvalidInput for one that is no speed."""
    speed, corrected = conduct.observed.speed, assessed.corrected_kmh
    if speed is None or corrected is None:
        raise InvalidInput("referral-no-speed", "only a speed above the table is for the prosecutor")
    referral = Referral(
        assessment_id=assessment.id,
        capture_id=assessment.capture_id,
        plate=conduct.plate,
        plate_country=conduct.country,
        measured_kmh=str(speed.kmh),
        corrected_kmh=corrected,
        handover_id=None,
        prosecutor_number=None,
        state=states.WAITING,
    )
    uow.add(referral)
    REFERRAL.create(uow, referral, assessment.reason)


def _handover(uow: UnitOfWork, handover_id: str) -> Handover:
    row = uow.session.get(Handover, handover_id, with_for_update=True)
    if row is None:
        raise NotFound("export-unknown", "there is no such export")
    return row
