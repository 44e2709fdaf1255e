"""Stands in for a person's or firm's number, so that the number itself is kept nowhere."""

import hashlib
import hmac


class Pseudonyms:
    """`key` is 32 bytes; the same number always gives the same pseudonym; without the key nobody can try numbers."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, number: str) -> str:
        """For a citizen's (BSN), a firm's (KvK) or another number, as a register or a login gives it."""
        return hmac.digest(self._key, number.strip().encode(), hashlib.sha256).hex()[:32]
