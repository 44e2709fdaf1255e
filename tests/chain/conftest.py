from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chain import installation
from tests.chain.installation import Installation


def _run(make: Callable[..., Installation], folder: Path, fixture: Callable[[str], Any]) -> Iterator[Installation]:
    found = make(folder, fixture)
    found.start_all()
    yield found
    found.stop_all()
    found.http.close()


@pytest.fixture(params=["embedded", "scale_out"])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """The same tests on both ends."""
    yield from _run(getattr(installation, request.param), tmp_path, request.getfixturevalue)


@pytest.fixture
def scale_out_installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    yield from _run(installation.scale_out, tmp_path, request.getfixturevalue)


@pytest.fixture
def embedded_installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    yield from _run(installation.embedded, tmp_path, request.getfixturevalue)
