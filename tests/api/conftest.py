"""What tests of pages and API share."""

import pytest
from fastapi.testclient import TestClient

from core.roles import ROLES
from tests.world import OPERATOR, World


@pytest.fixture
def desk(world: World) -> TestClient:
    """A browser in which somebody with every role is logged in."""
    token = world.system.services.principals.register(OPERATOR, "Test", set(ROLES))
    world.http.post("/handlers/login", data={"token": token})
    return world.http
