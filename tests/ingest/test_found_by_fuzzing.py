"""What the fuzzer found once stays mended, and what it begins with is read."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.parsing import take_apart

FOUND = sorted(path for path in (Path(__file__).parent / "found").iterdir() if path.name != "README.md")


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_broke_once_is_refused_by_name(path: Path) -> None:
    take_apart(path.read_bytes())


@given(st.binary(max_size=4_000))
def test_no_bytes_break_it(data: bytes) -> None:
    take_apart(data)


PLAIN = st.none() | st.booleans() | st.floats() | st.text()


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_no_json_breaks_it(value: object) -> None:
    take_apart(json.dumps(value).encode())
