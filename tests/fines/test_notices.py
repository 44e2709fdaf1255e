"""Who asked for it is told by e-mail that there is a letter, once he confirmed, and nothing of what it says."""

import re
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import update

from core.clock import SettableClock
from core.outbox import MessageState, OutboxMessage, machine_now
from core.settings import Mode, Settings
from core.unit_of_work import SYSTEM
from tests.api.test_portal_security import Visit
from tests.conftest import Letterbox, embedded_world
from tests.world import World
from workers.server import usable_port


@pytest.fixture
def world(tmp_path: Path, clock: SettableClock, mail_server: Controller) -> World:
    return embedded_world(tmp_path, clock, smtp_host="127.0.0.1", smtp_port=mail_server.port, smtp_tls=False)


@pytest.fixture
def case(world: World) -> dict[str, Any]:
    return world.fined("62.0")


@pytest.fixture
def visit(world: World, case: dict[str, Any]) -> Visit:
    found = Visit(world)
    found.enter(case)
    return found


def body(mail: Any) -> str:
    return str(mail.get_payload(decode=True).decode())


def link(mail: Any, what: str) -> str:
    [found] = set(re.findall(rf"http://127.0.0.1:8000(/email/{what}/\S+)", body(mail)))
    return str(found)


def follow(visit: Visit, path: str) -> Any:
    assert visit.get(path).status_code == 200
    return visit.post(path)


def asked(world: World, visit: Visit, letterbox: Letterbox) -> Any:
    visit.post("/data/emails", address="t@example.nl")
    world.drain()
    return letterbox.mail[-1]


def test_an_address_is_asked_to_confirm_and_then_told_of_each_letter(
    world: World, visit: Visit, letterbox: Letterbox, case: dict[str, Any]
) -> None:
    first = asked(world, visit, letterbox)
    assert (first["To"], first["Subject"]) == ("t@example.nl", "Confirm your e-mail address")
    world.appeal(case)
    world.drain()
    assert len(letterbox.mail) == 1
    follow(visit, link(first, "confirm"))
    world.decide_appeal(case, "upheld")
    assert [mail["Subject"] for mail in letterbox.mail[1:]] == ["There is a letter for you"]


def test_an_email_names_no_person_no_case_and_no_sum(
    world: World, visit: Visit, letterbox: Letterbox, case: dict[str, Any]
) -> None:
    follow(visit, link(asked(world, visit, letterbox), "confirm"))
    world.appeal(case)
    world.drain()
    for mail in letterbox.mail:
        for secret in (case["caseNumber"], case["plate"], "Testpersoon", case["accessCode"], "93"):
            assert secret not in re.sub(r"http\S+", "", body(mail))


def test_the_link_in_each_email_stops_them(
    world: World, visit: Visit, letterbox: Letterbox, case: dict[str, Any]
) -> None:
    follow(visit, link(asked(world, visit, letterbox), "confirm"))
    world.appeal(case)
    world.drain()
    told = letterbox.mail[-1]
    assert link(told, "stop") in told["List-Unsubscribe"]
    follow(Visit(world, "198.51.100.1"), link(told, "stop"))
    world.decide_appeal(case, "upheld")
    assert letterbox.mail[-1] is told
    assert "t@example.nl" not in visit.get("/data").text


def test_one_link_confirms_an_address_for_all_cases_of_a_visit(
    world: World, visit: Visit, letterbox: Letterbox, case: dict[str, Any]
) -> None:
    second = world.fined("64.0")
    visit.enter(second)
    follow(visit, link(asked(world, visit, letterbox), "confirm"))
    assert len(letterbox.mail) == 1
    world.appeal(second)
    world.appeal(case)
    world.drain()
    assert [mail["Subject"] for mail in letterbox.mail[1:]] == ["There is a letter for you"] * 2


def test_looking_at_a_link_does_nothing(world: World, visit: Visit, letterbox: Letterbox, case: dict[str, Any]) -> None:
    """Programs that check mail follow links."""
    visit.get(link(asked(world, visit, letterbox), "confirm"))
    world.appeal(case)
    world.drain()
    assert len(letterbox.mail) == 1


@pytest.mark.parametrize("change", [lambda path: path[:-1] + "x", lambda path: path.replace("confirm", "stop")])
def test_a_forged_link_is_not_found(world: World, visit: Visit, letterbox: Letterbox, change: Any) -> None:
    path = change(link(asked(world, visit, letterbox), "confirm"))
    assert visit.post(path).status_code == 404


@pytest.mark.parametrize("address", ["no address", "a@b", "a@example.nl\r\nBcc: b@example.nl", ""])
def test_what_is_no_address_is_refused(world: World, visit: Visit, letterbox: Letterbox, address: str) -> None:
    assert visit.post("/data/emails", address=address).status_code == 400
    world.drain()
    assert letterbox.mail == []


def test_strangers_are_not_pestered(world: World, visit: Visit, letterbox: Letterbox) -> None:
    answers = [visit.post("/data/emails", address=f"n{number}@example.nl").status_code for number in range(7)]
    assert answers == [200] * 5 + [409] * 2
    visit.post("/data/emails", address="n1@example.nl")
    world.drain()
    assert len(letterbox.mail) == 5


def test_an_address_is_taken_away_on_the_page(
    world: World, visit: Visit, letterbox: Letterbox, case: dict[str, Any]
) -> None:
    follow(visit, link(asked(world, visit, letterbox), "confirm"))
    [end] = re.findall(r'action="(/data/emails/[^"]+/ends)"', visit.get("/data").text)
    visit.post(end)
    world.appeal(case)
    world.drain()
    assert len(letterbox.mail) == 1


def test_a_mail_server_that_is_away_is_tried_again(world: World, visit: Visit, letterbox: Letterbox) -> None:
    there, world.system.settings.smtp_port = world.system.settings.smtp_port, usable_port()
    visit.post("/data/emails", address="t@example.nl")
    world.drain()
    assert world.get("/v1/readiness")["jobs"].get(MessageState.PENDING, 0) == 1
    assert world.get("/v1/handlers/dead-letters") == []
    world.system.settings.smtp_port = there
    with world.system.units.begin(SYSTEM) as uow:
        uow.session.execute(update(OutboxMessage).values(available_at=machine_now()))
        uow.commit()
    world.drain()
    assert [mail["To"] for mail in letterbox.mail] == ["t@example.nl"]


def test_production_sends_no_mail_in_the_open(production: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no mail in the open"):
        Settings(**production, smtp_host="mail.example", smtp_tls=False)
    assert Settings(**production, smtp_host="mail.example").mode is Mode.PRODUCTION
