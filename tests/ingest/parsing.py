"""All that takes apart what strangers send, over one lot of bytes: for the fuzzer, and to try again what it found."""

import contextlib
import io

from core.errors import InvalidInput, TooLarge
from ingest.archives import members
from ingest.package import inspect_image, parse_metadata, read_claim

_MOST_BYTES = 10_000_000


def take_apart(data: bytes) -> None:
    """Returns, whatever it is: what cannot be read is refused by the errors that name a reason, and by no other."""
    with contextlib.suppress(InvalidInput):
        read_claim(data)
    with contextlib.suppress(InvalidInput):
        parse_metadata(data).observed()
    with contextlib.suppress(InvalidInput):
        inspect_image(0, data, 50_000_000)
    with contextlib.suppress(InvalidInput, TooLarge):
        for member in members(io.BytesIO(data), 100, _MOST_BYTES).values():
            with contextlib.suppress(InvalidInput):
                member.read()
