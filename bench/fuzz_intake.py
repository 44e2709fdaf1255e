"""Coverage-guided fuzzing (atheris) of what takes apart metadata, photos and archives.

Begins with good ones of each kind; what breaks is written to `tests/ingest/found/`, where a test tries it again.
"""

import argparse
import io
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["core.strict_json", "core.jpeg", "ingest", "zipfile", "tarfile"]):
    from tests.ingest.parsing import take_apart

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.clock import SystemClock
from ingest.batch import pack
from ingest.simulator.network import (
    CameraProfile,
    RedLight,
    Section,
    SignedCapture,
    SimulatedCamera,
    sign_capture,
    sign_red_light,
    sign_section,
)
from tests.world import jpeg

FOUND = Path(__file__).parents[1] / "tests" / "ingest" / "found"
_PROFILE = CameraProfile("cam-1", "Radar", "Straat", "Utrecht", 52.1, 5.1, "built-up", 50)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=int, default=300)
    seconds = arguments.parse_args().seconds
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds()):
            (Path(corpus) / str(number)).write_bytes(seed)
        flags = [f"-max_total_time={seconds}", "-max_len=60000", f"-artifact_prefix={FOUND}/", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *flags, corpus], take_apart)
        atheris.Fuzz()


def seeds() -> list[bytes]:
    """A good one of each kind."""
    camera, now = SimulatedCamera(_PROFILE, Ed25519PrivateKey.generate()), SystemClock().now()
    photo = jpeg()
    captures: list[SignedCapture] = [
        sign_capture(camera, "a", now, "64.0", [photo]),
        sign_red_light(camera, "b", now, RedLight(), [photo, photo]),
        sign_section(camera, "c", now, Section(), [photo, photo]),
    ]
    archives = []
    for kind in ("zip", "tar"):
        file = io.BytesIO()
        small = SignedCapture("a", "cam-1", captures[0].metadata, "", [b"\xff\xd8\xff\xd9"])
        pack(file, camera.key, "cam-1", "batch", [small.package()], "zip" if kind == "zip" else "tar")
        archives.append(file.getvalue())
    return [*(one.metadata for one in captures), photo, *archives]


if __name__ == "__main__":
    main()
