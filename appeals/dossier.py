"""The court dossier: a BagIt bag (RFC 8493) with all that the court needs to judge the case."""

import csv
import io
import json
import tempfile
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import bagit

from core.canonical import canonical_json
from fines.service import DecisionView
from ingest.service import Evidence


@dataclass
class DossierContent:
    """Everything that goes in; photos and letters as bytes by file name."""

    decision: DecisionView
    evidence: Evidence
    signed_metadata: bytes
    photos: dict[str, bytes]
    letters: dict[str, bytes]
    correspondence: dict[str, dict[str, Any]]
    audit: list[dict[str, Any]]
    court: str
    authority: str
    info: dict[str, str] = field(default_factory=dict)


def build(content: DossierContent) -> bytes:
    """The bag as a zip file. The bag is validated before it leaves."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / f"dossier-{content.decision.case_number}"
        folder.mkdir()
        for name, data in _files(content).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        bag = bagit.make_bag(
            str(folder),
            {
                "Source-Organization": content.authority,
                "External-Identifier": content.decision.case_number,
                "External-Description": f"Dossier for {content.court} (Wahv art. 11)",
                **content.info,
            },
            checksums=["sha256", "sha512"],
        )
        bag.validate()
        return _zip(folder)


def _files(content: DossierContent) -> dict[str, bytes]:
    evidence = content.evidence
    files = {
        "decision.json": _readable(asdict(content.decision)),
        "measurement.json": _readable(
            {**evidence.details, "camera_model": evidence.camera_model, "received_at": evidence.received_at}
        ),
        "calibration_certificate.json": _readable(asdict(evidence.certificate)),
        "evidence/metadata.json": content.signed_metadata,
        "evidence/signature.json": _readable(
            {
                "algorithm": "Ed25519 (RFC 8032)",
                "public_key_base64": evidence.camera_public_key,
                "signature_base64": evidence.signature,
                "signed": "the line 'flitsketen-capture-v1', SHA-256 (hex) of metadata.json, then SHA-256 (hex) of "
                "each original photo, joined by line feeds",
            }
        ),
        "timeline.csv": _timeline(content.audit),
        "audit_excerpt.jsonl": b"\n".join(canonical_json(record) for record in content.audit) + b"\n",
    }
    files |= {f"photos/{name}": data for name, data in content.photos.items()}
    files |= {f"letters/{name}": data for name, data in content.letters.items()}
    files |= {f"correspondence/{name}.json": _readable(item) for name, item in content.correspondence.items()}
    return files


def _timeline(audit: list[dict[str, Any]]) -> bytes:
    buffer = io.StringIO()
    rows = csv.writer(buffer)
    rows.writerow(["moment_utc", "who", "what", "subject", "reason"])
    for record in audit:
        if record["action"] != "row.sealed":
            rows.writerow(
                [
                    record["at"].isoformat(),
                    record["actor"].split(":")[0],
                    record["action"],
                    record["subject_kind"],
                    record["reason"],
                ]
            )
    return buffer.getvalue().encode()


def _readable(value: Any) -> bytes:
    return json.dumps(json.loads(canonical_json(value)), indent=2, ensure_ascii=False).encode()


def _zip(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder.parent))
    return buffer.getvalue()
