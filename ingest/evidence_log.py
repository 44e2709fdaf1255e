"""The evidence log: each accepted capture is a leaf of an append-only tree; a signed head vouches for all before it.

Whoever holds a signed head can check with one path of hashes that a capture was in the log then, unchanged.
"""

import base64
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from core import merkle
from core.bag import readable_json
from core.canonical import canonical_json
from core.clock import Clock
from core.errors import Unavailable
from core.installation_key import InstallationKey, public_pem
from core.timestamps import TimestampAuthority
from core.unit_of_work import SYSTEM, UnitOfWork, UnitsOfWork
from ingest.models import Capture, CaptureImage, EvidenceLeaf, TreeHead

LOG = "evidence"
_PAGE = 1000


class EvidenceLog:
    """See module."""

    def __init__(
        self, units: UnitsOfWork, clock: Clock, key: InstallationKey, authority: TimestampAuthority | None
    ) -> None:
        self._units = units
        self._clock = clock
        self._key = key
        self._authority = authority

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
            signer = self._key.known(uow.session).who_signed(statement, signature, head.signed_at)
            uow.commit()
        timestamp = head.timestamp or self._stamped(head.size, statement)
        proof = {
            "algorithm": "Merkle tree with SHA-256 as of RFC 9162, section 2.1; Ed25519 (RFC 8032)",
            "leaf": "log_leaf.json, byte by byte",
            "leaf_number": number,
            "path_hex": [step.hex() for step in path],
            "head": statement.decode(),
            "head_signature_hex": signature,
            "public_key_pem": public_pem(signer or self._key.name).decode(),
        }
        if timestamp is not None:
            proof["head_timestamp_base64"] = base64.b64encode(timestamp).decode()
        return {"evidence/log_leaf.json": leaf, "evidence/inclusion_proof.json": readable_json(proof)}

    def sign_head(self) -> bool:
        """Sign the log as it is now; False where nothing came since the last head. Once an hour by the scheduler."""
        with self._units.begin(SYSTEM) as uow:
            leaves = merkle.size(uow.session, LOG)
            if leaves == 0 or uow.session.get(TreeHead, leaves) is not None:
                return False
            self._sign(uow, leaves)
            uow.commit()
            return True

    def stamp_heads(self) -> int:
        """Ask the timestamp authority about the heads that it was not asked about; returns how many it answered."""
        if self._authority is None:
            return 0
        with self._units.read() as session:
            wanted = select(TreeHead).where(TreeHead.timestamp.is_(None)).order_by(TreeHead.size.desc()).limit(_PAGE)
            heads = session.scalars(wanted).all()
        return sum(self._stamped(head.size, head.statement()) is not None for head in heads)

    def _stamped(self, size: int, statement: bytes) -> bytes | None:
        """None where there is no authority, or it is away: it is asked again later."""
        if self._authority is None:
            return None
        try:
            timestamp = self._authority.stamp(statement)
        except Unavailable:
            return None
        with self._units.begin(SYSTEM) as uow:
            uow.session.get_one(TreeHead, size, with_for_update=True).timestamp = timestamp
            uow.commit()
        return timestamp

    def heads(self) -> list[dict[str, str]]:
        """Every signed head, oldest first: what is published, so that a changed past would show."""
        with self._units.read() as session:
            return [
                {"head": head.statement().decode(), "signature_hex": head.signature}
                for head in session.scalars(select(TreeHead).order_by(TreeHead.size))
            ]

    def check(self) -> list[str]:
        """What is wrong with the log: leaves that say other than the captures, heads that do not grow from each other.

        An empty list when all is well.
        """
        with self._units.read() as session:
            return [*self._changed_leaves(session), *self._broken_heads(session)]

    @staticmethod
    def _changed_leaves(session: Session) -> Iterator[str]:
        after = -1
        wanted = select(EvidenceLeaf).order_by(EvidenceLeaf.number).limit(_PAGE)
        while leaves := session.scalars(wanted.where(EvidenceLeaf.number > after)).all():
            for leaf in leaves:
                if merkle.leaf_hash(_leaf(session, leaf.capture_id)) != merkle.leaf_of(session, LOG, leaf.number):
                    yield f"capture {leaf.capture_id} is not what was entered as leaf {leaf.number}"
            after = leaves[-1].number
            session.expunge_all()

    def _broken_heads(self, session: Session) -> Iterator[str]:
        earlier: TreeHead | None = None
        keys = self._key.known(session)
        for head in session.scalars(select(TreeHead).order_by(TreeHead.size)).all():
            root = bytes.fromhex(head.root)
            try:
                whole = keys.who_signed(head.statement(), head.signature, head.signed_at) is not None
                whole = whole and merkle.root(session, LOG, head.size) == root
                if earlier is not None:
                    path = merkle.consistency_path(session, LOG, earlier.size, head.size)
                    whole = whole and merkle.consistent(
                        earlier.size, head.size, path, bytes.fromhex(earlier.root), root
                    )
            except (ValueError, NoResultFound):
                whole = False
            if not whole:
                yield f"the head over {head.size} leaves does not fit the log"
            earlier = head

    def seal(self, content: bytes) -> str:
        """A signature of the installation, in hexadecimal."""
        return self._key.sign(content)

    def public_keys(self) -> bytes:
        """What is published for who checks a dossier: the key that signs now, then those before it (PEM)."""
        with self._units.read() as session:
            return b"".join(public_pem(name) for name in self._key.known(session).until)

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
        return self._sign(uow, merkle.size(uow.session, LOG))

    def _sign(self, uow: UnitOfWork, leaves: int) -> TreeHead:
        head = TreeHead(
            size=leaves, root=merkle.root(uow.session, LOG, leaves).hex(), signed_at=self._clock.now(), signature=""
        )
        head.signature = self._key.sign_record(uow.session, head.statement(), head.signed_at)
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
