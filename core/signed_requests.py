"""HTTP requests that machines sign (RFC 9421, Ed25519), with a digest of what they send (RFC 9530)."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, MappingKeyResolver
from http_message_signatures.algorithms import ED25519
from http_message_signatures.exceptions import HTTPMessageSignaturesException, InvalidSignature
from sqlalchemy.exc import SQLAlchemyError

from core.clock import Clock
from core.errors import DomainError, NotAuthenticated

TAG = "flitsketen"
"""Says what a signature is for: one that was made for something else is none here."""
_COVERED = ("@method", "@path")
_LONGEST_NONCE = 64


class Message(Protocol):
    """A request as the library reads it."""

    @property
    def method(self) -> str: ...

    @property
    def url(self) -> Any: ...

    @property
    def headers(self) -> Any: ...


KeyOf = Callable[[str], Ed25519PublicKey]
"""The key that signs under an id."""


@dataclass(frozen=True)
class Signature:
    """What was proved: who signed and when; `nonce` tells this request from any other."""

    key_id: str
    nonce: str
    created: datetime


class RequestSigner:
    """Signs what a client sends, anew each time it is sent: to be given to httpx as `auth`.

    A body that is there as a whole is covered by its digest; one that is streamed has to prove itself.
    """

    def __init__(self, key_id: str, key: Ed25519PrivateKey, clock: Clock) -> None:
        self._key_id = key_id
        self._clock = clock
        self._signer = HTTPMessageSigner(
            signature_algorithm=ED25519, key_resolver=MappingKeyResolver(public_keys={}, private_keys={key_id: key})
        )

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """The request, signed."""
        try:
            body = request.content
        except RuntimeError:  # it is streamed
            body = None
        self._signer.sign(
            request,
            key_id=self._key_id,
            created=self._clock.now(),
            nonce=secrets.token_urlsafe(16),
            tag=TAG,
            covered_component_ids=_COVERED,
            body=body,
        )
        return request


class RequestVerifier:
    """Checks signatures; each is good for a while from when it was made."""

    def __init__(self, clock: Clock, holds_for: timedelta) -> None:
        self._clock = clock
        self._holds_for = holds_for

    def verify(self, message: Message, body: bytes | None, key_of: KeyOf) -> Signature:
        """Who signed, by the key that `key_of` has for an id. Without `body`, what is sent has to be proved by itself.

        Raises NotAuthenticated, with what is wrong, and what `key_of` raises.
        """
        verifier = _VerifierByClock(clock=self._clock, signature_algorithm=ED25519, key_resolver=_KnownKeys(key_of))
        try:
            [result] = verifier.verify(
                message, max_age=self._holds_for, expect_tag=TAG, require_components=_COVERED, body=body
            )
        except DomainError:
            raise
        except (HTTPMessageSignaturesException, ValueError) as error:
            # What went wrong while a key was looked for is no fault of the signature.
            if isinstance(error.__cause__, DomainError | SQLAlchemyError | OSError):
                raise error.__cause__ from error
            told = str(error) if isinstance(error, InvalidSignature) else "it cannot be read"
            raise NotAuthenticated("request-signature-invalid", f"sign the request (RFC 9421): {told[:200]}") from error
        nonce = result.nonce or ""
        if not 0 < len(nonce) <= _LONGEST_NONCE:
            raise NotAuthenticated("request-signature-invalid", "sign the request (RFC 9421) with a nonce of its own")
        created = datetime.fromtimestamp(int(result.parameters["created"]), tz=UTC)
        return Signature(str(result.parameters["keyid"]), nonce, created)


class _VerifierByClock(HTTPMessageVerifier):
    """Counts by our clock and not by the machine's."""

    def __init__(self, *, clock: Clock, **rest: Any) -> None:
        super().__init__(**rest)
        self._clock = clock

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        now = self._clock.now()
        parsed: Callable[..., datetime] = self._parse_integer_timestamp
        created = parsed(sig_input.params.get("created"), field_name="created")
        expires = sig_input.params.get("expires")
        off = abs(created - now)
        if max_age is not None and off > max_age:
            raise InvalidSignature(f"it was made {off.total_seconds():.0f} s from now: set the clock")
        if expires is not None and parsed(expires, field_name="expires") < now:
            raise InvalidSignature("it has expired")


class _KnownKeys(HTTPSignatureKeyResolver):
    def __init__(self, key_of: KeyOf) -> None:
        self._key_of = key_of

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return self._key_of(key_id)
