"""The API keeps its contract whatever is sent: no fault of ours, and no answer that its description does not have."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from api.app import create_app
from api.description import TAGS
from core.clock import SettableClock
from core.roles import ROLES
from tests.appeals.test_courts import at_court
from tests.cases import fined
from tests.conftest import NOON, embedded_world
from tests.fines.test_liability import hired, state
from tests.papers import pdf, send
from tests.world import OPERATOR, World, dazzled

EXAMPLES = 20
"""Requests an operation, half of them about things that are there."""

CHECKED = [check for check in CHECKS.get_all() if check.__name__ != "positive_data_acceptance"]
"""All but one: what its form allows can still be refused by the law, with a reason."""


@schemathesis.serializer("application/zip", "application/x-tar")
def archives(_: Any, value: Any) -> bytes:
    """Bytes as they are."""
    return bytes(getattr(value, "data", value if isinstance(value, bytes) else str(value).encode()))


@dataclass
class Contract:
    """The description, a token with every role, and ids of things that are there by their names in paths."""

    schema: Any
    token: str
    ids: dict[str, list[str]]


def filled(world: World) -> dict[str, list[str]]:
    """Work of every kind; its ids."""
    case = world.fined("62.0")
    state(world, world.fined("75.0"), **hired())
    world.push(world.signed(images=[dazzled("TN-HV 957", "DE")]))
    world.push(world.signed(images=[b"no photo"]))
    world.drain()
    world.appeal(case, ground="other-vehicle", wantsHearing=True)
    path = world.taken_on(case)
    inquiry = world.post(f"{path}/inquiries", 201, askedOf="police", question="Was het licht goed te zien?")["id"]
    hearing = world.post(f"{path}/hearings", 201, at="2026-10-12T10:30:00+02:00", place="telefonisch")["id"]
    attachment = send(world, f"{path}/attachments", "factuur.pdf", pdf()).json()["id"]
    letter = send(world, "/v1/handlers/scanned-letters", "scan.pdf", pdf(), receivedOn="2026-09-14").json()["id"]
    _, court = at_court(world)
    planned = fined(world, 79)
    plan = world.post("/v1/handlers/plans", 201, caseNumber=planned["caseNumber"], parts=3)["id"]
    world.drain()
    [statement] = world.get("/v1/handlers/keeper-statements")
    return {
        "capture_id": [fate["id"] for fate in world.get("/v1/handlers/captures")],
        "decision_id": [case["decisionId"], planned["decisionId"]],
        "appeal_id": [one["id"] for one in world.get("/v1/handlers/appeals")["appeals"]],
        "court_appeal_id": [court.rsplit("/", 1)[1]],
        "inquiry_id": [inquiry],
        "hearing_id": [hearing],
        "attachment_id": [attachment],
        "letter_id": [letter],
        "plan_id": [plan],
        "statement_id": [statement["id"]],
        "run_id": [run["id"] for run in world.get("/v1/handlers/print-runs")],
        "package_id": [one["id"] for one in world.get("/v1/handlers/quarantined-packages")],
        "camera_id": [one["id"] for one in world.get("/v1/handlers/cameras")],
        "fact_id": [one["id"] for one in world.get("/v1/handlers/measurement-facts/deployments")],
        "position": ["0"],
    }


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contract]:
    folder: Path = tmp_path_factory.mktemp("contract")
    world = embedded_world(folder, SettableClock(NOON))
    ids = filled(world)
    token = world.system.services.principals.register(OPERATOR, "contract", {*ROLES, "professional"})
    yield Contract(schemathesis.openapi.from_asgi("/v1/openapi.json", create_app(world.system.services)), token, ids)


def faults(contract: Contract, operation: Any) -> list[str]:
    """What is wrong with the answers of one operation."""
    found: set[str] = set()
    choose = random.Random(operation.label)

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def try_it(case: Any) -> None:
        for name in case.path_parameters or {}:
            if name in contract.ids and choose.random() < 0.5:
                case.path_parameters[name] = choose.choice(contract.ids[name])
        answer = case.call(headers={"Authorization": f"Bearer {contract.token}"})
        try:
            case.validate_response(answer, checks=CHECKED)
        except FailureGroup as group:
            found.update(f"{operation.label}: {answer.status_code} {failure}" for failure in group.exceptions)

    try_it()
    return sorted(found)


@pytest.mark.parametrize("tag", list(TAGS))
def test_every_operation_keeps_to_its_description(contract: Contract, tag: str) -> None:
    operations = [result.ok() for result in contract.schema.get_all_operations()]
    mine = [one for one in operations if tag in one.definition.raw.get("tags", [])]
    assert mine
    assert [fault for one in mine for fault in faults(contract, one)] == []


def test_every_operation_has_one_of_the_tags(contract: Contract) -> None:
    tags = [tuple(result.ok().definition.raw.get("tags", [])) for result in contract.schema.get_all_operations()]
    assert {tag for one in tags for tag in one} == set(TAGS)
    assert all(len(one) == 1 for one in tags)


def test_paths_and_names_are_as_the_national_rules_want_them(contract: Contract) -> None:
    """Nothing sensitive in an address, and names in queries in lowerCamelCase; a linter looks at the rest."""
    for result in contract.schema.get_all_operations():
        operation = result.ok()
        for parameter in operation.definition.raw.get("parameters", []):
            if parameter["in"] == "query":
                assert re.fullmatch(r"[a-z][A-Za-z0-9]*", parameter["name"]), operation.label
                assert not re.search(r"plate|case|code|name|iban", parameter["name"], re.IGNORECASE), operation.label
