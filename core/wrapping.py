"""Who wraps the keys of cases: key files of this installation, or a key management service (KMS).

A wrapped key says which key wrapped it, so that a new one can take over while the former still opens what it wrapped.
"""

import hashlib
import secrets
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import Unavailable
from core.settings import Settings

_NONCE_BYTES = 12


class WrongKey(Exception):
    """It was wrapped with a key that is not here, or for something else."""


class Wrapper(Protocol):
    """One key that wraps others; `context` says what for, and has to be the same again. The wrapped key alone is worth
    nothing."""

    @property
    def name(self) -> str:
        """Tells it from all others, and nothing else."""
        ...

    def wrap(self, plain: bytes, context: str) -> bytes:
        """Raises Unavailable."""
        ...

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        """Raises WrongKey, Unavailable."""
        ...


class FileWrapper:
    """A key of 32 bytes that this process read from a file (AES-256-GCM)."""

    def __init__(self, key: bytes) -> None:
        self.name = f"file:{hashlib.sha256(key).hexdigest()[:16]}"
        self._cipher = AESGCM(key)

    def wrap(self, plain: bytes, context: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, context.encode())

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        try:
            return self._cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], context.encode())
        except InvalidTag as error:
            raise WrongKey(self.name) from error


class CloudWrapper:
    """A key that never leaves a KMS with the interface of AWS; the service keeps its versions by itself."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._key = settings.kms_key
        self.name = f"kms:{settings.kms_key}"

    @cached_property
    def _service(self) -> Any:
        settings = self._settings
        return boto3.client(
            "kms",
            endpoint_url=settings.kms_endpoint or None,
            region_name=settings.kms_region,
            aws_access_key_id=settings.kms_access_key or None,
            aws_secret_access_key=settings.kms_secret_key.get_secret_value() or None,
            config=Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 3}),
        )

    def wrap(self, plain: bytes, context: str) -> bytes:
        answer = self._ask("encrypt", Plaintext=plain, EncryptionContext={"case": context})
        return bytes(answer["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        answer = self._ask("decrypt", CiphertextBlob=wrapped, EncryptionContext={"case": context})
        return bytes(answer["Plaintext"])

    def _ask(self, act: str, **said: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._service, act)(KeyId=self._key, **said)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in ("InvalidCiphertextException", "IncorrectKeyException"):
                raise WrongKey(self.name) from error
            raise _away() from error
        except BotoCoreError as error:
            raise _away() from error
        return answer


class KeyRing:
    """Wraps with the first of its keys, and unwraps with the one that wrapped. The last one is the master key, which
    wrapped what does not say by whom."""

    def __init__(self, wrappers: Sequence[Wrapper]) -> None:
        self._wrappers = {wrapper.name: wrapper for wrapper in wrappers}
        self._first, self._master = wrappers[0], wrappers[-1]

    @property
    def current(self) -> str:
        """The name of the key that wraps now."""
        return self._first.name

    def wrap(self, plain: bytes, context: str) -> bytes:
        """By the current key. Raises Unavailable."""
        return self._first.wrap(plain, context)

    def unwrap(self, wrapped: bytes, wrapped_by: str | None, context: str) -> bytes:
        """Raises WrongKey, Unavailable."""
        wrapper = self._master if wrapped_by is None else self._wrappers.get(wrapped_by)
        if wrapper is None:
            raise WrongKey(str(wrapped_by))
        return wrapper.unwrap(wrapped, context)


def key_ring(settings: Settings, master: bytes) -> KeyRing:
    """As the settings have it. Raises ValueError for a key file of the wrong size."""
    wrappers: list[Wrapper] = [CloudWrapper(settings)] if settings.kms_key else []
    for path in settings.wrapping_key_files:
        key = path.read_bytes()
        if len(key) != len(master):
            raise ValueError(f"{path.name} must be {len(master)} bytes")
        wrappers.append(FileWrapper(key))
    return KeyRing([*wrappers, FileWrapper(master)])


def _away() -> Unavailable:
    return Unavailable("keys-away", "the service that keeps the keys does not answer: try again later")
