"""The installation's own keys: master key (wraps case keys), signing key (audit), session secret."""

import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from core.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True)
class Keys:
    """`master` is 32 bytes (AES-256)."""

    master: bytes
    signing: Ed25519PrivateKey
    session_secret: str


def _generate(path: Path, content: bytes) -> None:
    """The file appears whole or not at all: server, relay and workers may start at the same moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        return
    handle, fresh = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        path.hardlink_to(fresh)
    except FileExistsError:
        return
    finally:
        Path(fresh).unlink()
    log.warning("insecure_key_generated", file=path.name)


def load_keys(settings: Settings) -> Keys:
    """Read the keys; in demonstration mode missing ones are made on disk, loudly.

    Raises ValueError for a key of the wrong size or kind.
    """
    folder = settings.data_dir / "keys"
    master_file = settings.master_key_file or folder / "master.key"
    signing_file = settings.signing_key_file or folder / "signing.pem"
    session_file = settings.session_secret_file or folder / "session.secret"
    if settings.demonstration:
        _generate(master_file, secrets.token_bytes(32))
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _generate(signing_file, pem)
        _generate(session_file, secrets.token_urlsafe(32).encode())
    master = master_file.read_bytes()
    if len(master) != 32:
        raise ValueError("the master key must be 32 bytes")
    signing = load_pem_private_key(signing_file.read_bytes(), password=None)
    if not isinstance(signing, Ed25519PrivateKey):
        raise ValueError("the signing key must be an Ed25519 private key in PEM")
    return Keys(master=master, signing=signing, session_secret=session_file.read_text().strip())
