"""The court dossier: a BagIt bag (RFC 8493) with all that the court needs to judge the case."""

import csv
import io
from dataclasses import asdict, dataclass, field
from typing import Any

from core.bag import bagged, readable_json
from core.canonical import canonical_json
from fines.service import DecisionView


@dataclass
class DossierContent:
    """Everything that goes in; evidence, photos and letters as bytes by file name."""

    decision: DecisionView
    evidence: dict[str, bytes]
    photos: dict[str, bytes]
    letters: dict[str, bytes]
    correspondence: dict[str, dict[str, Any]]
    audit: list[dict[str, Any]]
    court: str
    authority: str
    info: dict[str, str] = field(default_factory=dict)


def build(content: DossierContent) -> bytes:
    """The bag as a zip file."""
    return bagged(
        f"dossier-{content.decision.case_number}",
        _files(content),
        {
            "Source-Organization": content.authority,
            "External-Identifier": content.decision.case_number,
            "External-Description": f"Dossier for {content.court} (Wahv art. 11)",
            **content.info,
        },
    )


def _files(content: DossierContent) -> dict[str, bytes]:
    files = {
        "decision.json": readable_json(asdict(content.decision)),
        **content.evidence,
        "timeline.csv": _timeline(content.audit),
        "audit_excerpt.jsonl": b"\n".join(canonical_json(record) for record in content.audit) + b"\n",
    }
    files |= {f"photos/{name}": data for name, data in content.photos.items()}
    files |= {f"letters/{name}": data for name, data in content.letters.items()}
    files |= {f"correspondence/{name}.json": readable_json(item) for name, item in content.correspondence.items()}
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
