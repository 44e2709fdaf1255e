"""The court dossier: a BagIt bag (RFC 8493) with all that the court needs to judge the case."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.bag import bagged, readable_json
from core.canonical import canonical_json
from fines.service import DecisionView


@dataclass
class DossierContent:
    """Everything that goes in; evidence, photos, letters and attachments as bytes by file name."""

    decision: DecisionView
    evidence: dict[str, bytes]
    photos: dict[str, bytes]
    letters: dict[str, bytes]
    attachments: dict[str, bytes]
    correspondence: dict[str, dict[str, Any]]
    audit: list[dict[str, Any]]
    court: str
    authority: str
    info: dict[str, str] = field(default_factory=dict)

    def files(self) -> dict[str, bytes]:
        """All of it as files, by their path in the bag."""
        return {
            "decision.json": readable_json(asdict(self.decision)),
            **self.evidence,
            "timeline.csv": _timeline(self.audit),
            "audit_excerpt.jsonl": b"\n".join(canonical_json(record) for record in self.audit) + b"\n",
            **{f"photos/{name}": data for name, data in self.photos.items()},
            **{f"letters/{name}": data for name, data in self.letters.items()},
            **{f"attachments/{name}": data for name, data in self.attachments.items()},
            **{f"correspondence/{name}.json": readable_json(item) for name, item in self.correspondence.items()},
        }


def build(content: DossierContent, files: Mapping[str, bytes], seal: Callable[[bytes], str]) -> bytes:
    """The bag as a zip file, sealed."""
    return bagged(
        f"dossier-{content.decision.case_number}",
        files,
        {
            "Source-Organization": content.authority,
            "External-Identifier": content.decision.case_number,
            "External-Description": f"Dossier for {content.court} (Wahv art. 11)",
            **content.info,
        },
        seal,
    )


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
