"""How one calls an API of the Dutch standard for case-oriented work (ZGW): a short-lived token signed with a secret."""

import time

from joserfc import jwt
from joserfc.jwk import OctKey


def bearer(client_id: str, secret: str) -> dict[str, str]:
    """The header. Dated by the machine's own time, by which the other side judges it."""
    claims = {
        "iss": client_id,
        "iat": int(time.time()),
        "client_id": client_id,
        "user_id": "flitsketen",
        "user_representation": "flitsketen",
    }
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))
    return {"Authorization": f"Bearer {token}"}
