"""What we sign and read back ourselves, for a while."""

import hashlib

from itsdangerous import URLSafeTimedSerializer


def timed(secret: str, purpose: str) -> URLSafeTimedSerializer:
    """Signs with HMAC-SHA256; what was signed for another purpose is not recognised."""
    return URLSafeTimedSerializer(secret, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256})
