"""Attachments: sent along by the appellant, kept with the case, looked at with a purpose, brought to the court."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from core.audit import AuditRecord
from core.clock import SettableClock
from tests.appeals.test_dossier import fetched, unpacked
from tests.appeals.test_handling import problem
from tests.cases import fined
from tests.conftest import EICAR, embedded_world
from tests.papers import pdf, pdf_with, photo, send
from tests.world import World, keeper_of, lookup


@pytest.fixture
def case(world: World) -> dict[str, Any]:
    world.register = [keeper_of("000001")]
    found = fined(world)
    world.appeal(found)
    return found


def add(world: World, case: dict[str, Any], name: str, content: bytes, status: int = 201) -> Any:
    answer = send(world, "/v1/appeal-attachments", name, content, **lookup(case))
    assert answer.status_code == status, answer.text
    return answer.json()


def test_what_the_appellant_sends_along_is_with_the_appeal(world: World, case: dict[str, Any]) -> None:
    add(world, case, "foto.jpg", photo(says=True))
    add(world, case, "factuur.pdf", pdf())
    found = world.get(world.taken_on(case))["attachments"]
    assert [(one["name"], one["sentBy"]) for one in found] == [("foto.jpg", "citizen"), ("factuur.pdf", "citizen")]
    assert found[0]["says"]["place"] == "52.09000, 5.12000"


def test_each_look_at_one_is_recorded_with_its_purpose(world: World, case: dict[str, Any]) -> None:
    key = add(world, case, "factuur.pdf", pdf("Garage Jansen"))["id"]
    answer = world.post(f"/v1/handlers/attachments/{key}/fetches", 200, purpose="is it the same car?")
    assert answer.headers["content-disposition"] == 'attachment; filename="factuur.pdf"'
    assert "Garage Jansen" in PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    with world.system.database.read_session() as session:
        looks = session.scalars(select(AuditRecord).where(AuditRecord.action == "attachment.viewed")).all()
    assert [(look.subject_id, look.reason) for look in looks] == [(key, "is it the same car?")]


def test_the_post_room_adds_what_came_later(world: World, case: dict[str, Any]) -> None:
    path = world.taken_on(case)
    assert send(world, f"{path}/attachments", "machtiging.png", photo("PNG")).status_code == 201
    assert [one["sentBy"] for one in world.get(path)["attachments"]] == ["handler"]


def test_a_wrong_plate_adds_nothing(world: World, case: dict[str, Any]) -> None:
    answer = send(world, "/v1/appeal-attachments", "a.pdf", pdf(), **{**lookup(case), "plate": "XX-00-XX"})
    assert answer.status_code == 404


def test_an_unfit_file_is_refused_with_the_reason(world: World, case: dict[str, Any]) -> None:
    assert problem(add(world, case, "a.html", b"<html>", 400)) == "file-type"


def test_a_harmful_file_is_refused(tmp_path: Path, clock: SettableClock, clamav: str) -> None:
    world = embedded_world(tmp_path, clock, clamav_address=clamav)
    world.register = [keeper_of("000001")]
    case = fined(world)
    world.appeal(case)
    assert problem(add(world, case, "a.pdf", pdf_with(EICAR), 400)) == "file-harmful"
    assert world.get(world.taken_on(case))["attachments"] == []


def test_an_appeal_has_no_more_than_it_may(world: World, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appeals.attachments.MOST", 1)
    add(world, case, "foto.jpg", photo())
    assert problem(add(world, case, "foto.jpg", photo(), 409)) == "too-many-attachments"


def test_nothing_is_added_once_it_is_decided(world: World, case: dict[str, Any]) -> None:
    world.decide_appeal(case, "upheld")
    assert problem(add(world, case, "foto.jpg", photo(), 409)) == "appeal-closed"


def test_the_court_gets_them_in_the_bag_and_in_the_binder(world: World, tmp_path: Path) -> None:
    case = world.fined("62.0")
    world.appeal(case)
    add(world, case, "factuur.pdf", pdf("Garage Jansen"))
    add(world, case, "foto van de borden.jpg", photo())
    world.decide_appeal(case, "upheld")
    world.post("/v1/court-appeals", 201, **lookup(case), grounds="Toch niet.")
    world.drain()
    [found] = world.get("/v1/handlers/court-appeals")
    path = f"/v1/handlers/court-appeals/{found['id']}"
    bag = unpacked(fetched(world, path, "dossier"), tmp_path / "bag")
    names = sorted(file.name for file in (bag / "data" / "attachments").iterdir())
    assert names == ["01_factuur.pdf", "02_foto van de borden.jpg"]
    binder = PdfReader(io.BytesIO(fetched(world, path, "binder")))
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in binder.pages))
    assert "Bijlage 1: factuur.pdf" in text
    assert "Garage Jansen" in text
    assert "Bijlage 2: foto van de borden.jpg" in text
