"""Packages that somebody sends who wants something else: made here, by what is wrong with them."""

import base64
import hashlib
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import cv2
import httpx
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.batch import MANIFEST, SIGNATURE, pack, sign_manifest
from ingest.signature import sign
from ingest.simulator.network import SignedCapture, SimulatedCamera, push, sign_capture
from tests.ingest.camera_side import signer
from tests.world import World, jpeg

Send = Callable[[], httpx.Response]


@dataclass(frozen=True)
class Hostile:
    """What is wrong, and how it is sent."""

    name: str
    send: Send


def signed_anew(world: World, metadata: bytes, images: list[bytes]) -> SignedCapture:
    """Whatever is said, rightly signed by the camera."""
    digests = [hashlib.sha256(image).hexdigest() for image in images]
    return SignedCapture("hostile", "cam-1", metadata, sign(world.camera.key, metadata, digests), images)


def _pushed(world: World, name: str, capture: SignedCapture) -> Hostile:
    return Hostile(name, lambda: push(world.http, capture))  # type: ignore[arg-type]


def _document(world: World, images: list[bytes]) -> dict[str, Any]:
    return dict(json.loads(world.signed(images=images).metadata))


def truncated_photos(world: World) -> Iterator[Hostile]:
    """Signed as they are, so that only their structure speaks against them."""
    whole = jpeg()
    for part in range(1, 40):
        yield _pushed(world, f"cut at {part}/40", world.signed(images=[whole[: len(whole) * part // 40]]))


def flipped_bits(world: World) -> Iterator[Hostile]:
    """On the way, after the camera signed."""
    chance = random.Random(7)
    for number in range(40):
        capture = world.signed()
        image = bytearray(capture.images[0])
        image[chance.randrange(len(image))] ^= 1 << chance.randrange(8)
        yield _pushed(world, f"photo, flip {number}", _with(capture, images=[bytes(image)]))
        metadata = bytearray(capture.metadata)
        metadata[chance.randrange(len(metadata))] ^= 1 << chance.randrange(8)
        yield _pushed(world, f"metadata, flip {number}", _with(capture, metadata=bytes(metadata)))


def _with(capture: SignedCapture, **change: Any) -> SignedCapture:
    return SignedCapture(**{**vars(capture), **change})


def wrong_signatures(world: World) -> Iterator[Hostile]:
    capture = world.signed()
    raw = base64.b64decode(capture.signature)
    stranger = Ed25519PrivateKey.generate()
    others = {
        "none": "",
        "half": base64.b64encode(raw[:32]).decode(),
        "twice": base64.b64encode(raw * 2).decode(),
        "zeros": base64.b64encode(bytes(64)).decode(),
        "ones": base64.b64encode(b"\xff" * 64).decode(),
        "hex": raw.hex(),
        "not base64": "!" * 88,
        "unicode": "é" * 44,
        "spaces": " ".join(capture.signature),
        "very long": "A" * 200_000,
        "a JSON": "{}",
        "url-safe": base64.urlsafe_b64encode(raw).decode() + "-_",
        "of another key": base64.b64encode(stranger.sign(capture.metadata)).decode(),
        "of another capture": world.signed("71.0").signature,
        "line": capture.signature[:40] + "\n" + capture.signature[40:],
    }
    for name, signature in others.items():
        yield _pushed(world, f"signature: {name}", _with(capture, signature=signature))
    yield _pushed(
        world,
        "key of a stranger",
        sign_capture(SimulatedCamera(world.camera.profile, stranger), "s", world.clock.now(), "64", [jpeg()]),
    )
    for name in ("cam-9", "", "../cam-1", "cam-1 ", "CAM-1", "cam-1\u0000"):
        document = _document(world, [jpeg()]) | {"cameraId": name}
        yield _pushed(world, f"camera {name!r}", signed_anew(world, json.dumps(document).encode(), [jpeg()]))


_VALUES: dict[str, str] = {
    "null": "null",
    "true": "true",
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "1e999": "1e999",
    "-1": "-1",
    "0": "0",
    "half a character": '"\\ud800"',
    "huge": "9" * 400,
    "object": "{}",
    "list": "[[[]]]",
    "empty": '""',
    "NUL": '"a\\u0000b"',
    "right to left": '"\\u202e05\\u202c"',
    "long": json.dumps("x" * 20_000),
    "markup": '"<script>alert(1)</script>"',
    "query": '"\' OR 1=1 --"',
    "path": '"../../etc/passwd"',
    "full width": '"６４"',
}
_FIELDS = (
    "captureId",
    "capturedAt",
    "direction",
    "measuredSpeedKmh",
    "speedLimitKmh",
    "roadType",
    "imageCount",
    "images",
    "lane",
)


def wrong_values(world: World) -> Iterator[Hostile]:
    """Each field with each odd value, rightly signed."""
    for field in _FIELDS:
        for name, value in _VALUES.items():
            document = _document(world, [jpeg()])
            marked = json.dumps(document | {field: "@@"}).replace('"@@"', value)
            yield _pushed(world, f"{field}: {name}", signed_anew(world, marked.encode(), [jpeg()]))
    for name, value in _VALUES.items():
        document = _document(world, [jpeg()])
        document["location"] |= {"latitude": "@@"}
        marked = json.dumps(document).replace('"@@"', value)
        yield _pushed(world, f"latitude: {name}", signed_anew(world, marked.encode(), [jpeg()]))


def odd_json(world: World) -> Iterator[Hostile]:
    plain = json.dumps(_document(world, [jpeg()]))
    others: dict[str, bytes] = {
        "a name twice": plain.replace("{", '{"lane": 2, ', 1).encode(),
        "a name more": plain.replace("{", '{"x": 1, ', 1).encode(),
        "a byte order mark": b"\xef\xbb\xbf" + plain.encode(),
        "UTF-16": plain.encode("utf-16"),
        "UTF-32": plain.encode("utf-32"),
        "something behind it": plain.encode() + b"{}",
        "single quotes": plain.replace('"', "'").encode(),
        "a comment": b"/* */" + plain.encode(),
        "a comma more": plain[:-1].encode() + b",}",
        "latin-1": plain.encode() + b"\xe9",
        "nested": b"[" * 100_000,
        "nested objects": b'{"a":' * 50_000,
        "a list": b"[" + plain.encode() + b"]",
        "text": json.dumps(plain).encode(),
        "nothing": b" ",
        "NULs": bytes(100),
        "a number": b"1",
        "too large": plain[:-1].encode() + b" " * 70_000 + b"}",
        "a twin in the list": plain.replace('"sha256"', '"sha256": "", "sha256"').encode(),
        "an image more": plain.replace('"images": [', '"images": [{"sha256": "' + "0" * 64 + '"}, ').encode(),
        "a kind nobody knows": plain.replace("{", '{"kind": "__class__", ', 1).encode(),
        "a kind that is a list": plain.replace("{", '{"kind": [], ', 1).encode(),
        "another kind": plain.replace("{", '{"kind": "section-control", ', 1).encode(),
    }
    for name, body in others.items():
        yield _pushed(world, f"JSON: {name}", signed_anew(world, body, [jpeg()]))


def odd_photos(world: World) -> Iterator[Hostile]:
    """What is no photo, or a photo and something else, rightly signed."""
    whole = jpeg()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("index.html", "<script>")
    grey = np.zeros((400, 400, 3), np.uint8)
    frame = whole.index(b"\xff\xc0")
    others = {
        "a PNG": bytes(cv2.imencode(".png", grey)[1]),
        "a BMP": bytes(cv2.imencode(".bmp", grey)[1]),
        "a TIFF": bytes(cv2.imencode(".tiff", grey)[1]),
        "a WebP": bytes(cv2.imencode(".webp", grey)[1]),
        "a zip": archive.getvalue(),
        "JPEG and zip": whole + archive.getvalue(),
        "zip and JPEG": archive.getvalue() + whole,
        "JPEG and page": whole + b"<html>",
        "two JPEGs": whole + whole,
        "JPEG and one byte": whole + b"\x01",
        "HTML": b"<html><script>",
        "PDF": b"%PDF-1.7",
        "ELF": b"\x7fELF" + bytes(60),
        "text": b"hello",
        "nothing": b"",
        "only a start": b"\xff\xd8\xff",
        "start and end": b"\xff\xd8\xff\xd9",
        "comment only": b"\xff\xd8\xff\xfe\x00\x04ab\xff\xd9",
        "zeros": bytes(50_000),
        "FFs": b"\xff" * 50_000,
        "a segment too long": b"\xff\xd8\xff\xe0\xff\xff" + bytes(100),
        "a segment of no length": b"\xff\xd8\xff\xe0\x00\x00" + whole[4:],
        "two frames": whole[:frame] + whole[frame : frame + 19] + whole[frame:],
        "12 bits": whole[: frame + 4] + b"\x0c" + whole[frame + 5 :],
        "arithmetic": whole[: frame + 1] + b"\xc9" + whole[frame + 2 :],
        "five components": whole[: frame + 9] + b"\x05" + whole[frame + 10 :],
        "100 megapixels": whole[: frame + 5] + struct.pack(">HH", 10_000, 10_000) + whole[frame + 9 :],
        "no size": whole[: frame + 5] + bytes(4) + whole[frame + 9 :],
        "a very long edge": whole[: frame + 5] + struct.pack(">HH", 65_535, 10) + whole[frame + 9 :],
        "many scans": whole[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 100 + b"\xff\xd9",
        "a step of 0": whole.replace(whole[whole.index(b"\xff\xdb") + 5 : whole.index(b"\xff\xdb") + 9], bytes(4), 1),
    }
    for name, image in others.items():
        yield _pushed(world, f"photo: {name}", world.signed(images=[image]))
    yield _pushed(world, "five photos", world.signed(images=[whole] * 5))


def odd_requests(world: World) -> Iterator[Hostile]:
    """Multipart and headers."""
    capture = world.signed()
    parts = {"metadata": capture.metadata, "signature": capture.signature.encode(), "images": capture.images[0]}

    def post(**more: Any) -> Send:
        return lambda: world.http.post("/v1/captures", **more)  # type: ignore[return-value]

    for missing in parts:
        yield Hostile(f"without {missing}", post(files={name: part for name, part in parts.items() if name != missing}))
    yield Hostile(
        "photo as a field", post(data={"images": "x"}, files={k: v for k, v in parts.items() if k != "images"})
    )
    yield Hostile("metadata as photo", post(files={**parts, "images": capture.metadata}))
    yield Hostile("two metadata", post(files=[*parts.items(), ("metadata", b"{}")]))
    yield Hostile("two hundred parts", post(files=[*parts.items(), *(("x", b"x") for _ in range(200))]))
    yield Hostile("a JSON body", post(json={}))
    yield Hostile("a form", post(data={"metadata": "{}"}))
    for kind in (
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=nothing",
        "multipart/form-data; boundary=" + "b" * 5000,
        "multipart/mixed; boundary=x",
        "text/plain",
        "",
    ):
        yield Hostile(f"type {kind[:40]!r}", post(content=b"--x\r\n\r\n", headers={"Content-Type": kind}))
    head = b'--x\r\nContent-Disposition: form-data; name="metadata"; filename="m"\r\n'
    odd = {
        "no end": head + b"\r\n{}",
        "no blank line": head + b"--x--\r\n",
        "a header without end": head + b"X: " + b"y" * 100_000,
        "thousands of headers": head + b"X: y\r\n" * 5_000 + b"\r\n{}\r\n--x--\r\n",
        "NUL in a name": b'--x\r\nContent-Disposition: form-data; name="\x00"\r\n\r\n1\r\n--x--',
        "a name that climbs": head.replace(b'"m"', b'"../../m"') + b"\r\n{}\r\n--x--\r\n",
        "no disposition": b"--x\r\nX: y\r\n\r\n1\r\n--x--\r\n",
        "base64": head + b"Content-Transfer-Encoding: base64\r\n\r\ne30=\r\n--x--\r\n",
        "empty": b"",
    }
    for name, body in odd.items():
        content = {"content": body, "headers": {"Content-Type": "multipart/form-data; boundary=x"}}
        yield Hostile(f"multipart: {name}", post(**content))


def odd_moments(world: World) -> Iterator[Hostile]:
    for name, step in {
        "in three minutes": timedelta(minutes=3),
        "tomorrow": timedelta(days=1),
        "in a century": timedelta(days=36_500),
        "a month ago": -timedelta(days=31),
        "before the camera": -timedelta(days=20),
        "a century ago": -timedelta(days=36_500),
    }.items():
        moment = world.clock.now() + step
        yield _pushed(world, f"clock: {name}", sign_capture(world.camera, f"at {step}", moment, "64.0", [jpeg()]))
    for name, text in {
        "without zone": "2026-09-14T11:55:00",
        "a day": "2026-09-14",
        "32nd": "2026-09-32T00:00:00Z",
        "25 h": "2026-09-14T25:00:00Z",
        "year 0": "0000-01-01T00:00:00Z",
        "year 10000": "+10000-01-01T00:00:00Z",
        "leap": "2026-02-29T00:00:00Z",
        "epoch": "1",
    }.items():
        document = _document(world, [jpeg()]) | {"capturedAt": text}
        yield _pushed(world, f"moment: {name}", signed_anew(world, json.dumps(document).encode(), [jpeg()]))


def replays(world: World) -> Iterator[Hostile]:
    first = world.signed(capture_id="once")
    assert push(world.http, first).status_code in (201, 202)  # type: ignore[arg-type]
    for number in range(5):
        again = world.signed(f"{65 + number}.0", capture_id="once")
        yield _pushed(world, f"an id again, {number}", again)
    yield _pushed(world, "old metadata, new photo", _with(first, images=[jpeg("X-885-FH")]))


def odd_batches(world: World) -> Iterator[Hostile]:
    """Archives, some of them signed."""
    file = io.BytesIO()
    pack(file, world.camera.key, "cam-1", "hostile", [world.signed().package()])
    whole = file.getvalue()
    auth = signer(world, world.camera)

    def post(content: bytes, kind: str = "application/zip") -> Send:
        headers = {"Content-Type": kind}
        return lambda: world.http.post("/v1/capture-batches", content=content, headers=headers, auth=auth)  # type: ignore[return-value]

    for part in range(1, 20):
        yield Hostile(f"batch cut at {part}/20", post(whole[: len(whole) * part // 20]))
    chance = random.Random(3)
    places = [whole.index(b'{"batchId"') + place for place in range(0, 300, 8)]
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        yield Hostile(f"batch, flip at {place}", post(bytes(changed)))
    for name in ("../x", "/x", "C:\\x", "x\x00", "a/b/c/d/e/f", "con.", "x" * 200, "é"):
        yield Hostile(f"batch: member {name[:12]!r}", post(_rezipped(whole, {name: b"x"})))
    for name, content in {
        "no archive": b"hello",
        "empty": b"",
        "only an end": b"PK\5\6" + bytes(18),
        "a tar as zip": bytes(1024),
        "counted wrongly": whole[:-14] + struct.pack("<HH", 65_535, 65_535) + whole[-10:],
        "with a comment": whole + b"hello",
        "a manifest of another": _rezipped(whole, {MANIFEST: b"{}"}),
        "unsigned": _rezipped(whole, {SIGNATURE: b""}),
        "a manifest of nothing": _rezipped(whole, _manifest(world, b"{}")),
        "NaN": _rezipped(whole, _manifest(world, b'{"batchId": NaN}')),
    }.items():
        yield Hostile(f"batch: {name}", post(content))
    yield Hostile("batch: a zip as tar", post(b"x" * 600, "application/x-tar"))


def _manifest(world: World, content: bytes) -> dict[str, bytes]:
    return {MANIFEST: content, SIGNATURE: sign_manifest(world.camera.key, content)}


def _rezipped(batch: bytes, change: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(batch)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in (files | change).items():
            archive.writestr(name, content)
    return file.getvalue()


KINDS = (
    truncated_photos,
    flipped_bits,
    wrong_signatures,
    wrong_values,
    odd_json,
    odd_photos,
    odd_requests,
    odd_moments,
    replays,
    odd_batches,
)
