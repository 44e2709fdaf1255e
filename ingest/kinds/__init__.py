"""The kinds of capture: each module here is one, with its fields and its evidence rule. A new one is a new module."""

from importlib import import_module
from pkgutil import iter_modules

from ingest.metadata import CaptureMetadata

UNNAMED = "speed"
"""The kind of a capture that names none."""


def _kinds() -> dict[str, type[CaptureMetadata]]:
    found: dict[str, type[CaptureMetadata]] = {}
    for module in iter_modules(__path__):
        kind: type[CaptureMetadata] = import_module(f"{__name__}.{module.name}").Metadata
        found[kind.model_fields["kind"].default] = kind
    return found


KINDS = _kinds()
"""By the name that metadata give in `kind`."""
