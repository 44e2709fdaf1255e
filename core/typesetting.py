"""PDFs from Typst templates: tagged, PDF/A-2a and PDF/UA-1, the same bytes for the same content."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg_fira_sans
import typst

STANDARDS = ("a-2a", "ua-1")


def typeset(
    template: Path,
    data: Mapping[str, Any],
    files: Mapping[str, bytes] | None = None,
    standards: tuple[str, ...] = STANDARDS,
) -> bytes:
    """The PDF of a template that reads `data` as JSON, and `files` by name. Raises typst.TypstError."""
    if not files:
        return _compiled(template, data, standards)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        return _compiled(Path(shutil.copy(template, folder)), data, standards)


@cache
def _fonts() -> typst.Fonts:
    """Those that come with the program and no others; looked through once."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(Path(fontpkg_fira_sans.__file__).parent / "files")])


def _compiled(template: Path, data: Mapping[str, Any], standards: tuple[str, ...]) -> bytes:
    known: Any = list(standards)
    pdf: bytes = typst.compile(
        str(template),
        format="pdf",
        pdf_standards=known,
        sys_inputs={"data": json.dumps(data)},
        font_paths=_fonts(),
    )
    return pdf
