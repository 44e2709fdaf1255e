"""Signs letters with the authority's seal (PAdES baseline B): who made them, and that nothing was changed."""

import io
from concurrent.futures import ThreadPoolExecutor

from asn1crypto import keys as asn1_keys
from asn1crypto import pem, x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from core.keys import Seal

_FIELD = "Zegel"
_BESIDE_CERTIFICATES = 2048
"""Bytes that a signature takes at most beside its certificates: what is signed, and the longest key's number."""


class LetterSigner:
    """Holds the key; stateless otherwise."""

    def __init__(self, seal: Seal) -> None:
        der = seal.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        certificates = [x509.Certificate.load(der) for _, _, der in pem.unarmor(seal.certificates, multiple=True)]
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(certificates[1:])
        self._signer = signers.SimpleSigner(certificates[0], asn1_keys.PrivateKeyInfo.load(der), store)
        # Hexadecimal in the file. Without it the library signs twice, once to see how long it gets.
        self._reserved = 2 * (sum(len(one.dump()) for one in certificates) + _BESIDE_CERTIFICATES)

    def sign(self, pdf: bytes, reason: str) -> bytes:
        """The same pages with a signature that allows no change; stays PDF/A."""
        metadata = signers.PdfSignatureMetadata(
            field_name=_FIELD,
            md_algorithm="sha256",
            reason=reason,
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        )
        signer = signers.PdfSigner(metadata, self._signer, new_field_spec=SigFieldSpec(_FIELD))
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        # The library runs an event loop of its own, which a thread that already has one does not allow.
        with ThreadPoolExecutor(1) as apart:
            out = apart.submit(signer.sign_pdf, writer, bytes_reserved=self._reserved).result()
        return bytes(out.getvalue())
