"""Trusted timestamps (RFC 3161): somebody else says that something was there at a moment."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from core.errors import Unavailable

_GRANTED = (0, 1)
_SECONDS = 20.0


class TimestampAuthority:
    """Asks one; `roots` are the certificates (PEM) that vouch for it."""

    def __init__(self, url: str, roots: Path) -> None:
        self._url = url
        self._roots = roots.read_bytes()

    def stamp(self, content: bytes) -> bytes:
        """The answer (TimeStampResp, DER), which is right. Raises Unavailable where there is none, or a wrong one."""
        request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
        try:
            answer = httpx.post(
                self._url,
                content=request.as_bytes(),
                headers={"Content-Type": "application/timestamp-query"},
                timeout=_SECONDS,
            )
        except httpx.TransportError as error:
            raise Unavailable("timestamp-away", "the timestamp authority does not answer") from error
        if answer.status_code != 200 or stamped_at(answer.content, content, self._roots) is None:
            raise Unavailable("timestamp-away", "the timestamp authority gave no timestamp that is right")
        return answer.content


def stamped_at(response: bytes, content: bytes, roots: bytes) -> datetime | None:
    """When the content was there, as one vouched for by `roots` (PEM) says; None where it does not say so."""
    try:
        decoded: TimeStampResponse = decode_timestamp_response(response)
        if decoded.status not in _GRANTED:
            return None
        certificates: Sequence[x509.Certificate] = x509.load_pem_x509_certificates(roots)
        verifier = VerifierBuilder()
        for certificate in certificates:
            verifier = verifier.add_root_certificate(certificate)
        if not verifier.build().verify_message(decoded, content):
            return None
        return decoded.tst_info.gen_time
    except (VerificationError, ValueError):
        return None
