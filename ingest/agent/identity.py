"""Who the camera is: its id, where it sends to, and the keys that only it has."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from core.clock import SystemClock
from core.durable_files import write_durably, write_json
from core.errors import Conflict, NotAllowed, Unavailable
from core.signed_requests import RequestSigner
from ingest.signature import encoded_public_key, key_id_of, prove, public_bytes

_SECONDS = 60.0


@dataclass(frozen=True)
class Identity:
    """Of an enrolled camera."""

    camera_id: str
    url: str
    key: Ed25519PrivateKey

    def client(self) -> httpx.Client:
        """Signs each request."""
        signer = RequestSigner(key_id_of(public_bytes(self.key)), self.key, SystemClock())
        return httpx.Client(base_url=self.url, auth=signer, timeout=_SECONDS)


@dataclass(frozen=True)
class _Written:
    camera_id: str
    url: str


def enrol(folder: Path, url: str, code: str) -> Identity:
    """Make a key, bring it with the code, and keep both. May be done again with the same folder until it worked.

    Raises NotAllowed with the answer where the code is refused, Unavailable where there is no answer.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = _key(folder / "key.pem")
    body = {"code": code, "publicKey": encoded_public_key(key), "proof": prove(key, code)}
    with httpx.Client(base_url=url, timeout=_SECONDS) as client:
        answer = _posted(client, "/v1/cameras/enrolments", body)
    if answer.status_code != 201:
        raise NotAllowed("enrolment-refused", _told(answer))
    identity = Identity(answer.json()["cameraId"], url, key)
    write_json(folder / "camera.json", asdict(_Written(identity.camera_id, url)))
    return identity


def load(folder: Path) -> Identity:
    """Raises Conflict for a folder in which no camera was enrolled."""
    try:
        written = _Written(**json.loads((folder / "camera.json").read_text()))
    except FileNotFoundError as error:
        raise Conflict("camera-not-enrolled", f"no camera was enrolled in {folder}: flitsketen camera enrol") from error
    return Identity(written.camera_id, written.url, _key(folder / "key.pem"))


def change_key(folder: Path) -> Identity:
    """Bring another key, signed for with the present one, and go on with it. May be done again until it worked.

    Raises as `enrol` does.
    """
    present = load(folder)
    path = folder / "next.pem"
    key = _key(path)
    body = {"publicKey": encoded_public_key(key), "proof": prove(key, present.camera_id)}
    with present.client() as client:
        answer = _posted(client, "/v1/cameras/keys", body)
    # It was brought before, and the answer was lost.
    known = answer.status_code == 409 and answer.json()["type"].endswith(":key-exists")
    if answer.status_code != 201 and not known:
        raise NotAllowed("key-refused", _told(answer))
    path.replace(folder / "key.pem")
    return load(folder)


def _key(path: Path) -> Ed25519PrivateKey:
    """Made, and on disk before anybody hears of it, where there is none."""
    if not path.exists():
        path.parent.chmod(0o700)
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_durably(path, pem)
        path.chmod(0o600)
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Conflict("key-kind", f"{path} is no Ed25519 key")
    return key


def _posted(client: httpx.Client, path: str, body: dict[str, Any]) -> httpx.Response:
    try:
        return client.post(path, json=body)
    except httpx.TransportError as error:
        raise Unavailable("server-away", f"{client.base_url} does not answer: {type(error).__name__}") from error


def _told(answer: httpx.Response) -> str:
    if answer.headers.get("content-type") == "application/problem+json":
        return str(answer.json()["detail"])
    return f"the answer was {answer.status_code}"
