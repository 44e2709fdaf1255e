"""The evidence log: each accepted capture is a leaf of an append-only tree; a signed head vouches for all before it.

Whoever holds a signed head can check with one path of hashes that a capture was in the log then, unchanged.
"""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import merkle
from core.bag import readable_json
from core.canonical import canonical_json
from core.clock import Clock
from core.unit_of_work import SYSTEM, UnitOfWork, UnitsOfWork
from ingest.models import Capture, CaptureImage, EvidenceLeaf, TreeHead

LOG = "evidence"


class EvidenceLog:
    """See module."""

    def __init__(self, units: UnitsOfWork, clock: Clock, key: Ed25519PrivateKey) -> None:
        self._units = units
        self._clock = clock
        self._key = key

    def enter(self, uow: UnitOfWork, payload: dict[str, Any], _: object) -> None:
        """Job: the capture becomes the next leaf, once."""
        self._number(uow, payload["captureId"])

    def proof_files(self, capture_id: str) -> dict[str, bytes]:
        """The leaf, byte by byte as it was entered, and the proof that it is in the log, by file name.

        The head is the first that was signed after it. Raises NoResultFound for a capture that does not exist.
        """
        with self._units.begin(SYSTEM) as uow:
            number = self._number(uow, capture_id)
            head = self._head_over(uow, number)
            path = merkle.inclusion_path(uow.session, LOG, number, head.size)
            leaf = _leaf(uow.session, capture_id)
            statement = head.statement()
            signature = head.signature
            uow.commit()
        public = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        proof = {
            "algorithm": "Merkle tree with SHA-256 as of RFC 9162, section 2.1; Ed25519 (RFC 8032)",
            "leaf": "log_leaf.json, byte by byte",
            "leaf_number": number,
            "path_hex": [step.hex() for step in path],
            "head": statement.decode(),
            "head_signature_hex": signature,
            "public_key_pem": public,
        }
        return {"evidence/log_leaf.json": leaf, "evidence/inclusion_proof.json": readable_json(proof)}

    def _number(self, uow: UnitOfWork, capture_id: str) -> int:
        known = uow.session.get(EvidenceLeaf, capture_id)
        if known is not None:
            return known.number
        leaf = EvidenceLeaf(
            capture_id=capture_id, number=merkle.append(uow.session, LOG, _leaf(uow.session, capture_id))
        )
        uow.add(leaf)
        uow.session.flush()
        return leaf.number

    def _head_over(self, uow: UnitOfWork, number: int) -> TreeHead:
        first = select(TreeHead).where(TreeHead.size > number).order_by(TreeHead.size).limit(1)
        found = uow.session.scalars(first).first()
        if found is not None:
            return found
        leaves = merkle.size(uow.session, LOG)
        head = TreeHead(
            size=leaves, root=merkle.root(uow.session, LOG, leaves).hex(), signed_at=self._clock.now(), signature=""
        )
        head.signature = self._key.sign(head.statement()).hex()
        uow.add(head)
        return head


def _leaf(session: Session, capture_id: str) -> bytes:
    """What is said of a capture: who signed what, and the digest of each file."""
    capture = session.get_one(Capture, capture_id)
    images = session.scalars(
        select(CaptureImage.sha256).where(CaptureImage.capture_id == capture_id).order_by(CaptureImage.position)
    )
    return canonical_json(
        {
            "captureId": capture.id,
            "cameraId": capture.camera_id,
            "receivedAt": capture.received_at,
            "metadataSha256": capture.metadata_sha256,
            "imageSha256": list(images),
            "signature": capture.signature,
        }
    )
