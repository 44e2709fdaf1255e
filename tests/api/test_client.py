"""The typed client that is generated from the description works against the running service."""

import importlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.client import generate
from tests.cases import fined
from tests.fines.test_hirer_lists import as_csv, row
from tests.world import APPELLANT, OPERATOR, World, jpeg, lookup
from workers.server import running


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Made anew from what the service says of itself now."""
    yield str(tmp_path_factory.mktemp("client"))


class Client:
    """The generated package on one running service."""

    def __init__(self, folder: str, world: World, url: str) -> None:
        out = Path(folder) / "generated"
        if not out.exists():
            description = Path(folder) / "openapi.json"
            description.write_text(json.dumps(world.http.get("/v1/openapi.json").json()))
            generate(description, out)
            sys.path.insert(0, str(out))
        self._package = importlib.import_module("flitsketen_client")
        self.models = importlib.import_module("flitsketen_client.models")
        self.types = importlib.import_module("flitsketen_client.types")
        token = world.system.services.principals.register(OPERATOR, "client", {"professional", "handler"})
        options: dict[str, Any] = {"httpx_args": {"trust_env": False}}
        self.known = self._package.AuthenticatedClient(base_url=f"{url}/v1", token=token, **options)
        self.anyone = self._package.Client(base_url=f"{url}/v1", **options)

    def call(self, tag: str, name: str, client: Any, **arguments: Any) -> Any:
        """An operation's answer, as it was read."""
        module = importlib.import_module(f"flitsketen_client.api.{tag}.{tag}_{name}")
        return module.sync_detailed(client=client, **arguments)


@pytest.fixture
def client(package: str, world: World) -> Iterator[Client]:
    with running(world.system) as url:
        yield Client(package, world, url)


def test_a_camera_pushes_a_capture(client: Client, world: World) -> None:
    signed = world.signed("62.0")
    file = client.types.File
    body = client.models.CamerasPushCaptureBody(
        metadata=signed.metadata.decode(),
        signature=signed.signature,
        images=[file(payload=io.BytesIO(jpeg()), file_name="0.jpg", mime_type="image/jpeg")],
    )
    answer = client.call("cameras", "push_capture", client.anyone, body=body)
    assert answer.status_code == 201, answer.content


def test_a_citizen_sees_his_case_and_his_photo_and_appeals(client: Client, world: World) -> None:
    case = world.fined("62.0")
    said = client.models.CaseLookup.from_dict(lookup(case))
    found = client.call("citizens", "look_up_case", client.anyone, body=said).parsed
    assert (found.case_number, found.amounts.open_) == (case["caseNumber"], 9300)
    photo = client.call(
        "citizens", "look_up_photo", client.anyone, body=client.models.PhotoLookup.from_dict(lookup(case))
    )
    assert photo.parsed.payload.read(2) == b"\xff\xd8"
    appeal = client.models.AppealIn.from_dict({**lookup(case), "appellant": APPELLANT, "grounds": "Niet ik."})
    filed = client.call("citizens", "file_appeal", client.anyone, body=appeal).parsed
    assert filed.state == "filed"


def test_a_refusal_is_a_problem_with_its_code(client: Client, world: World) -> None:
    wrong = client.models.CaseLookup.from_dict({**lookup(fined(world)), "accessCode": "0000 0000"})
    refused = client.call("citizens", "look_up_case", client.anyone, body=wrong)
    assert refused.status_code == 404
    assert refused.parsed.type_ == "urn:flitsketen:problem:case-not-found"


def test_a_firm_sends_its_hirers_and_reads_what_became_of_them(client: Client, world: World) -> None:
    content = as_csv([row(fined(world)), row(fined(world), city="")])
    file = client.types.File(payload=io.BytesIO(content), file_name="hirers.csv", mime_type="text/csv")
    body = client.models.ProfessionalsHirerListsForm(file=file)
    sent = client.call("professionals", "send_list", client.known, body=body).parsed
    world.drain()
    rows = client.call("professionals", "rows", client.known, list_id=sent.id, state="refused").parsed.rows
    assert [(one.line, one.problems[0].column) for one in rows] == [(3, "city")]


def test_a_handler_reads_what_waits(client: Client, world: World) -> None:
    case = fined(world)
    world.appeal(case)
    page = client.call("appeals", "work_list", client.known).parsed
    assert [one.case_number for one in page.appeals] == [case["caseNumber"]]
