import pytest

from tests.chain import installation
from tests.chain.installation import Installation


@pytest.fixture(params=["embedded", "scale_out"])
def running(request: pytest.FixtureRequest, tmp_path):
    """The same tests on both ends."""
    found: Installation = getattr(installation, request.param)(tmp_path, request.getfixturevalue)
    found.start_all()
    yield found
    found.stop_all()
    found.http.close()


@pytest.fixture
def scale_out_installation(request: pytest.FixtureRequest, tmp_path):
    found = installation.scale_out(tmp_path, request.getfixturevalue)
    found.start_all()
    yield found
    found.stop_all()
    found.http.close()


@pytest.fixture
def embedded_installation(request: pytest.FixtureRequest, tmp_path):
    found = installation.embedded(tmp_path, request.getfixturevalue)
    found.start_all()
    yield found
    found.stop_all()
    found.http.close()
