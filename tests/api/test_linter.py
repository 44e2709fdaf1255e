"""The API's description keeps to the NL GOV API Design Rules, as a linter sees them."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from core.clock import SettableClock
from tests.conftest import embedded_world

LINTER = Path(__file__).parent / "linter"


@pytest.fixture
def description(tmp_path: Path, clock: SettableClock) -> dict[str, Any]:
    world = embedded_world(tmp_path, clock, public_url="https://verkeersboetes.example")
    return create_app(world.system.services).openapi()


def lint(folder: Path, document: dict[str, Any]) -> list[str]:
    """The codes of what the linter has to say, with where."""
    file = folder / "openapi.json"
    file.write_text(json.dumps(document))
    program = LINTER / "node_modules" / ".bin" / "spectral"
    assert program.exists(), "no linter: run make setup-dev"
    told = subprocess.run(
        [program, "lint", "--ruleset", LINTER / "rules.yaml", "--format", "json", "--quiet", file],
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(told.stdout.partition("No results")[0] or "[]")
    return [f"{one['code']}: {'.'.join(map(str, one['path']))}" for one in found]


def test_the_linter_has_nothing_to_say(tmp_path: Path, description: dict[str, Any]) -> None:
    assert lint(tmp_path, description) == []


def test_the_linter_would_say_it(tmp_path: Path, description: dict[str, Any]) -> None:
    """Each of these mistakes is found: a rule that sees nothing would be worth nothing."""
    paths = description["paths"]
    paths["/caseLookups/"] = paths.pop("/case-lookups")
    paths["/captures"]["post"]["responses"]["422"] = {"description": "no", "content": {"application/json": {}}}
    description["servers"] = [{"url": "http://verkeersboetes.example"}]
    description["info"]["version"] = "1"
    del description["info"]["contact"]["email"]
    codes = {told.partition(":")[0] for told in lint(tmp_path, description)}
    assert codes >= {
        "kebab-case-and-no-slash-at-the-end", "errors-are-problems", "invalid-input-is-400", "major-version-in-address",
        "behind-tls", "full-version", "contact-can-be-reached", "headers-in-each-answer", "each-body-has-an-example",
    }  # fmt: skip
