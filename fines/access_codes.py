"""The code on a letter (toegangscode): with the case number and the plate it opens a case to who got the letter.

It is derived from the case's id with a key of the installation, so that every letter of a case names the same code and
none is kept anywhere. Forty bits: who may try five times a quarter of an hour from each of a million addresses guesses
one in a month with a chance of 1 in 75.
"""

import hashlib
import hmac

from fines.references import grouped

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: none that looks like another."""
_LENGTH = 8
_MISREAD = str.maketrans("OIL", "011")


class AccessCodes:
    """`key` is 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, decision_id: str) -> str:
        """As the letter has it: two groups of four."""
        return grouped(self._code(decision_id))

    def matches(self, decision_id: str, given: str) -> bool:
        """Written in small letters, without the gap, with an O for a zero: it is the same code. In constant time."""
        plain = "".join(letter for letter in given.upper() if letter.isalnum()).translate(_MISREAD)
        return hmac.compare_digest(self._code(decision_id).encode(), plain.encode())

    def _code(self, decision_id: str) -> str:
        digest = hmac.digest(self._key, decision_id.encode(), hashlib.sha256)
        return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:_LENGTH])
