"""The installation's own keys: master key (wraps case keys), signing key (audit), session secret, seal (letters)."""

import os
import secrets
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from core.installation_key import read_key
from core.settings import Settings

log = structlog.get_logger()


SealKey = RSAPrivateKey | EllipticCurvePrivateKey


@dataclass(frozen=True)
class Seal:
    """The authority's seal: a key, and its certificate (PEM) with those that vouch for it."""

    key: SealKey
    certificates: bytes

    @property
    def ends_at(self) -> datetime:
        """From then on its certificate vouches for nothing (UTC)."""
        return x509.load_pem_x509_certificates(self.certificates)[0].not_valid_after_utc


@dataclass(frozen=True)
class Keys:
    """`master` is 32 bytes (AES-256)."""

    master: bytes
    signing: Ed25519PrivateKey
    session_secret: str
    seal: Seal

    def derived(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, from the master key (HKDF, RFC 5869)."""
        return HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(self.master)


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
    seal_file = settings.seal_key_file or folder / "seal.pem"
    certificate_file = settings.seal_certificate_file or folder / "seal.crt"
    if settings.demonstration:
        _generate(master_file, secrets.token_bytes(32))
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _generate(signing_file, pem)
        _generate(session_file, secrets.token_urlsafe(32).encode())
        _generate(seal_file, _new_seal_key())
        _generate(certificate_file, _own_certificate(_seal_key(seal_file), settings.authority_name))
    master = master_file.read_bytes()
    if len(master) != 32:
        raise ValueError("the master key must be 32 bytes")
    return Keys(
        master=master,
        signing=read_key(signing_file),
        session_secret=session_file.read_text().strip(),
        seal=Seal(_seal_key(seal_file), certificate_file.read_bytes()),
    )


def _seal_key(path: Path) -> SealKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise ValueError("the seal's key must be an RSA or elliptic-curve private key in PEM")
    return key


def _new_seal_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _own_certificate(key: SealKey, name: str) -> bytes:
    """A certificate that nobody but the demonstration itself vouches for."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"{name} (demonstration)"[:64])])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=365 * 15))
        .not_valid_after(now + timedelta(days=365 * 10))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM)
