"""Everything that is held about a person in his cases (AVG art. 15), for him to keep and for a machine to read."""

import io
import json
import zipfile
from dataclasses import asdict
from typing import Any

from api import presenters
from api.services import Services
from api.web.case_file import CaseFile
from core.visits import Visitor
from fines.service import DecisionView

_PURPOSE = "copy of one's own data"
_NOT_HIS = ("id", "capture_id", "decision_id", "handler_id", "filed_by", "proposal", "inquiries")
"""Of an appeal: what is the authority's own way of working."""


def own_data(doors: Services, who: Visitor, decisions: list[DecisionView]) -> bytes:
    """A ZIP: `data.json`, and for each case its photos, letters and files. Each look is logged as any other."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        cases = []
        for decision in decisions:
            case = CaseFile(doors, decision)
            cases.append(_case(case))
            for name, content in _files(case, who).items():
                archive.writestr(f"{decision.case_number}/{name}", content)
        told = {
            "madeAt": doors.clock.now(),
            "controller": doors.settings.authority_name,
            "basis": "AVG art. 15",
            "purpose": "to establish, collect and settle administrative sanctions (Wahv)",
            "cases": cases,
        }
        archive.writestr("data.json", json.dumps(told, default=str, ensure_ascii=False, indent=2))
    return buffer.getvalue()


def _case(case: CaseFile) -> dict[str, Any]:
    doors, decision, appeal = case.doors, case.decision, case.appeal
    movements, increases = doors.fines.money_of(decision.id)
    return {
        "case": presenters.case(decision, appeal).model_dump(mode="json", by_alias=True),
        "keeper": decision.keeper,
        "movements": [asdict(one) for one in movements],
        "increases": [asdict(one) for one in increases],
        "plans": [asdict(one) for one in case.plans],
        "appeal": {name: value for name, value in asdict(appeal).items() if name not in _NOT_HIS} if appeal else None,
        "keeperStatements": [asdict(one) for one in case.statements],
        "correctionRequests": [asdict(one) for one in case.corrections],
        "mandates": [asdict(one) for one in case.mandates],
        "looks": [{"at": one.at, "who": one.kind, "what": one.action, "why": one.purpose} for one in case.looks()],
    }


def _files(case: CaseFile, who: Visitor) -> dict[str, bytes]:
    doors, decision = case.doors, case.decision
    found = {}
    line = presenters.photo_line(decision)
    for record in doors.imaging.redaction_records(decision.capture_id):
        shown = doors.imaging.shown_photo(who.actor, decision.capture_id, record.position, line, _PURPOSE)
        found[f"photo_{record.position + 1}.jpg"] = shown.content
    for letter in decision.letters:
        pdf = doors.fines.read_letter(who.actor, decision.id, letter.kind, letter.number, _PURPOSE)
        found[f"letter_{letter.kind}_{letter.number}.pdf"] = pdf
    for number, file in enumerate(case.appeal.attachments if case.appeal else [], 1):
        opened = doors.appeals.attachments.open(who.actor, file.id, _PURPOSE)
        found[f"sent_{number:02}_{opened.name}"] = opened.content
    for statement in case.statements:
        for evidence in statement.evidence:
            opened_evidence = doors.fines.liability.open_evidence(who.actor, evidence.id, _PURPOSE)
            found[f"evidence_{evidence.id}_{opened_evidence.name}"] = opened_evidence.content
    for mandate in case.mandates:
        for proof in mandate.proofs:
            opened_proof = doors.fines.mandates.open_proof(who.actor, proof.id, _PURPOSE)
            found[f"mandate_{proof.id}_{opened_proof.name}"] = opened_proof.content
    return found
