"""The camera's signature: Ed25519 (RFC 8032) over the metadata part and the digests of the images."""

import base64
import binascii
import hashlib
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_CONTEXT = b"flitsketen-capture-v1"
_POSSESSION = b"flitsketen-key-v1"


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes that go with a private key."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def encoded_public_key(key: Ed25519PrivateKey) -> str:
    """The same in base64."""
    return base64.b64encode(public_bytes(key)).decode()


def prove(key: Ed25519PrivateKey, subject: str) -> str:
    """What a camera does to show that a new key's private half is there. Returns base64."""
    return base64.b64encode(key.sign(possession_input(subject))).decode()


def key_id_of(public_key: bytes) -> str:
    """What a key is known by: SHA-256 of its 32 bytes, hexadecimal."""
    return hashlib.sha256(public_key).hexdigest()


def possession_input(subject: str) -> bytes:
    """What a new key signs to show that its private half is there: a context word and, on the next line, the enrolment
    code or the camera's id."""
    return _POSSESSION + b"\n" + subject.encode()


def signing_input(metadata: bytes, image_digests: Sequence[str]) -> bytes:
    """The bytes that are signed: a context word, SHA-256 of the metadata part, SHA-256 of each image, by line."""
    lines = [
        _CONTEXT, hashlib.sha256(metadata).hexdigest().encode(), *(d.encode("utf-8", "replace") for d in image_digests),
    ]  # fmt: skip
    return b"\n".join(lines)


def sign(key: Ed25519PrivateKey, metadata: bytes, image_digests: Sequence[str]) -> str:
    """What the camera does. Returns base64."""
    return base64.b64encode(key.sign(signing_input(metadata, image_digests))).decode()


def is_valid(public_key: str, signature: str, metadata: bytes, image_digests: Sequence[str]) -> bool:
    """Of a capture. `public_key` and `signature` in base64. Malformed ones are simply not valid."""
    return is_signed(public_key, signature, signing_input(metadata, image_digests))


def is_signed(public_key: str, signature: str, said: bytes) -> bool:
    """The same for any bytes."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), said)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
