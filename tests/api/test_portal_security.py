"""What the citizen's pages withstand: guessing, forged and repeated forms, stolen visits, ways out to other sites."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from pypdf import PdfReader

from api.app import create_app
from core.clock import SettableClock
from tests.cases import fined
from tests.conftest import embedded_world
from tests.papers import acting_pdf, photo
from tests.world import World, lookup

FORM = {"name": "T. Testpersoon", "birth_date": "1980-01-01", "birth_place": "Proefdorp"}


class Visit:
    """A browser's cookies, and the token of its newest page."""

    def __init__(self, world: World, address: str = "192.0.2.1") -> None:
        self.client = TestClient(create_app(world.system.services), client=(address, 50000))
        self.client.headers["Accept"] = "text/html"
        self.client.headers["Accept-Language"] = "en"

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    @property
    def token(self) -> str:
        [*_, found] = re.findall(r'name="csrf" value="([^"]+)"', self.get("/").text)
        return found

    def post(self, path: str, **form: Any) -> Any:
        return self.client.post(path, data={"csrf": self.token, **form})

    def enter(self, case: dict[str, Any], **other: str) -> Any:
        said = {"case_number": case["caseNumber"], "plate": case["plate"], "access_code": case["accessCode"], **other}
        return self.post("/enter", **said)


@pytest.fixture
def case(world: World) -> dict[str, Any]:
    return world.fined("62.0")


@pytest.fixture
def visit(world: World, case: dict[str, Any]) -> Iterator[Visit]:
    found = Visit(world)
    assert found.enter(case).url.path == f"/cases/{case['decisionId']}"
    yield found


def paths(case: dict[str, Any]) -> list[str]:
    return [
        f"/cases/{case['decisionId']}{rest}"
        for rest in (
            "", "/photo", "/photos/0", "/looks", "/letters/decision/1", "/letters/decision/1/letter.pdf", "/appeal",
            "/appeal/reason", "/appeal/check", "/appeal/sent", "/appeal/receipt.pdf", "/not-me", "/plan", "/correction",
        )
    ]  # fmt: skip


def test_every_page_of_a_case_is_for_its_visitor(visit: Visit, case: dict[str, Any]) -> None:
    assert {visit.get(path).status_code for path in paths(case)} == {200}


def test_nobody_without_a_visit_sees_any_of_them(world: World, case: dict[str, Any]) -> None:
    stranger = Visit(world)
    for path in [*paths(case), "/cases", "/messages", "/data"]:
        assert stranger.get(path, follow_redirects=False).headers["location"] == "/", path


def test_a_visitor_of_another_case_is_told_the_same_as_of_none(
    world: World, visit: Visit, case: dict[str, Any]
) -> None:
    other = fined(world)
    none = {"decisionId": "00000000-0000-0000-0000-000000000000"}
    for theirs, nobodys in zip(paths(other), paths(none), strict=True):
        refused, unknown = visit.get(theirs), visit.get(nobodys)
        assert refused.status_code == unknown.status_code == 404, theirs
        assert refused.text == unknown.text.replace(nobodys, theirs)


def test_another_cases_forms_do_nothing_either(world: World, visit: Visit, case: dict[str, Any]) -> None:
    other = fined(world)
    for act in ("appeal/send", "appeal/reason", "appeal/discard", "pay", "plan/send"):
        assert visit.post(f"/cases/{other['decisionId']}/{act}").status_code == 404


@pytest.mark.parametrize(
    "path", ["/enter", "/leave", "/stay", "/language", "/data/copy", "/cases/{id}/pay", "/cases/{id}/appeal/send"]
)
def test_a_form_of_another_site_does_nothing(visit: Visit, case: dict[str, Any], path: str) -> None:
    path = path.format(id=case["decisionId"])
    assert visit.client.post(path, data={"csrf": "guess"}).status_code == 403
    assert visit.client.post(path, data={}).status_code in (400, 403)
    assert visit.get("/cases").url.path == "/cases"


def test_a_visit_that_was_there_before_is_not_taken_over(world: World, case: dict[str, Any]) -> None:
    """Whoever planted his own cookie in a victim's browser does not get in with it afterwards."""
    victim = Visit(world)
    planted = victim.get("/").cookies.get("session") or victim.client.cookies["session"]
    victim.enter(case)
    assert victim.client.cookies["session"] != planted
    attacker = Visit(world)
    attacker.client.cookies.set("session", planted)
    assert attacker.get("/cases").url.path == "/"


def test_who_left_is_out_wherever_a_copy_of_his_cookie_lies(world: World, visit: Visit) -> None:
    stolen = visit.client.cookies["session"]
    visit.post("/leave")
    thief = Visit(world)
    thief.client.cookies.set("session", stolen)
    assert thief.get("/cases").url.path == "/"


def test_a_visit_ends_when_nobody_looks_at_a_page(world: World, visit: Visit) -> None:
    world.clock.advance(timedelta(minutes=19))
    assert visit.get("/cases").url.path == "/cases"
    world.clock.advance(timedelta(minutes=19))
    assert visit.post("/stay").status_code == 204
    world.clock.advance(timedelta(minutes=21))
    assert visit.get("/cases").url.path == "/"
    assert visit.get("/").status_code == 200


def test_a_visit_ends_after_a_day_however_busy(world: World, visit: Visit) -> None:
    for _ in range(25):
        world.clock.advance(timedelta(minutes=19))
        visit.get("/cases")
    world.clock.advance(timedelta(minutes=6))
    assert visit.get("/cases").url.path == "/"


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "x"])
def test_no_form_leads_to_another_site(visit: Visit, back: str) -> None:
    answer = visit.client.post(
        "/language", data={"csrf": visit.token, "language": "nl", "back": back}, follow_redirects=False
    )
    assert answer.headers["location"] == "/"


def test_what_is_typed_is_shown_as_text(world: World, visit: Visit, case: dict[str, Any]) -> None:
    path = f"/cases/{case['decisionId']}/appeal"
    visit.post(f"{path}/grounds", grounds="<script>alert(1)</script>")
    shown = visit.get(f"{path}/grounds")
    assert "<script>alert(1)" not in shown.text
    assert "&lt;script&gt;alert(1)" in shown.text
    assert "'unsafe-inline'" not in shown.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<html><script>alert(1)</script></html>"),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("page.jpg", b"<html><script>alert(1)</script></html>"),
    ],
)
def test_what_could_run_in_a_browser_is_not_taken_in(
    visit: Visit, case: dict[str, Any], name: str, content: bytes
) -> None:
    path = f"/cases/{case['decisionId']}/appeal/files"
    sent = visit.client.post(path, data={"csrf": visit.token}, files={"files": (name, content)})
    assert sent.status_code == 400
    assert name not in visit.get(path).text


def test_a_document_loses_what_it_would_run(world: World, visit: Visit, case: dict[str, Any]) -> None:
    path = f"/cases/{case['decisionId']}/not-me"
    armed = acting_pdf()
    assert b"JavaScript" in armed
    visit.post(f"{path}/ground", ground="against_will")
    visit.post(f"{path}/account", account="Gestolen.")
    visit.client.post(f"{path}/files", data={"csrf": visit.token}, files={"files": ("aangifte.pdf", armed)})
    visit.post(f"{path}/send")
    [statement] = world.get("/v1/handlers/keeper-statements")
    [evidence] = statement["evidence"]
    kept = world.post(f"/v1/handlers/keeper-evidence/{evidence['id']}/fetches", 200, purpose="test")
    assert b"JavaScript" not in kept.content


def test_a_name_of_a_file_cannot_add_a_header(world: World, visit: Visit, case: dict[str, Any]) -> None:
    path = f"/cases/{case['decisionId']}/not-me"
    visit.post(f"{path}/ground", ground="against_will")
    visit.post(f"{path}/account", account="Gestolen.")
    name = 'a"\r\nSet-Cookie: x=y.jpg'
    visit.client.post(f"{path}/files", data={"csrf": visit.token}, files={"files": (name, photo())})
    visit.post(f"{path}/send")
    [statement] = world.get("/v1/handlers/keeper-statements")
    [evidence] = statement["evidence"]
    kept = world.post(f"/v1/handlers/keeper-evidence/{evidence['id']}/fetches", 200, purpose="test")
    assert "set-cookie" not in kept.headers
    assert kept.headers["content-disposition"].count('"') == 2


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(visit: Visit, case: dict[str, Any]) -> None:
    told = "; ".join(visit.enter(case).history[0].headers.get_list("set-cookie")).lower()
    assert told.count("httponly") == 2
    assert "samesite=lax" in told
    assert "samesite=strict" in told


def test_cookies_are_bound_to_this_host(tmp_path: Path, clock: SettableClock) -> None:
    world = embedded_world(tmp_path, clock, public_url="https://testserver")
    case = fined(world)
    visit = Visit(world)
    visit.client.base_url = "https://testserver"
    visit.enter(case)
    cookies = {cookie.name: cookie for cookie in visit.client.cookies.jar}
    assert set(cookies) == {"__Host-session", "__Host-known"}
    assert all(cookie.secure and cookie.path == "/" and not cookie.domain_specified for cookie in cookies.values())


def test_guesses_of_a_neighbour_keep_out_no_browser_that_was_in_before(
    world: World, visit: Visit, case: dict[str, Any]
) -> None:
    visit.post("/leave")
    neighbour = Visit(world)
    answers = [neighbour.enter(case, access_code="0000 0000").status_code for _ in range(7)]
    assert answers[-1] == 429
    assert visit.enter(case).url.path == f"/cases/{case['decisionId']}"


def test_a_photo_is_private_and_known_again(visit: Visit, case: dict[str, Any]) -> None:
    path = f"/cases/{case['decisionId']}/photos/0"
    first = visit.get(path)
    assert first.headers["cache-control"] == "private, max-age=300"
    again = visit.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-99", 206, slice(0, 100)), ("bytes=100-", 206, slice(100, None)), ("bytes=-50", 206, slice(-50, None)),
        ("bytes=0-99999999", 206, slice(0, None)), ("bytes=99999999-", 416, slice(0, 0)),
        ("lines=1-2", 200, slice(None)),
        ("bytes=5-2", 416, slice(0, 0)), ("bytes=-", 200, slice(None)),
    ],
)  # fmt: skip
def test_a_part_of_a_photo_can_be_asked_for(
    visit: Visit, case: dict[str, Any], asked: str, status: int, part: slice
) -> None:
    path = f"/cases/{case['decisionId']}/photos/0"
    whole = visit.get(path).content
    answer = visit.get(path, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, whole[part])


def test_a_photo_that_goes_out_says_whose_case_it_is_and_covers_nothing(
    world: World, visit: Visit, case: dict[str, Any]
) -> None:
    copy = world.system.services.imaging.redacted_photo(case["id"], 0)
    shown = visit.get(f"/cases/{case['decisionId']}/photos/0").content
    with Image.open(io.BytesIO(copy)) as plain, Image.open(io.BytesIO(shown)) as stamped:
        assert stamped.width == plain.width
        assert stamped.height > plain.height
        strip = stamped.crop((0, plain.height, stamped.width, stamped.height)).convert("L")
        assert strip.getextrema()[0] < 100


def test_a_link_to_a_photo_works_for_five_minutes_and_names_no_case(world: World, case: dict[str, Any]) -> None:
    link = world.post("/v1/photo-links", 201, **lookup(case))["url"].removeprefix("http://127.0.0.1:8000")
    assert case["caseNumber"] not in link
    assert case["decisionId"] not in link
    assert TestClient(world.http.app).get(link).headers["content-type"] == "image/jpeg"
    assert TestClient(world.http.app).get(link[:-2] + "xx").status_code == 404


def test_an_appeal_sent_twice_is_filed_once(world: World, visit: Visit, case: dict[str, Any]) -> None:
    path = f"/cases/{case['decisionId']}/appeal"
    for step, said in (
        ("reason", {"ground": "means"}), ("grounds", {"grounds": "Te hoog."}), ("hearing", {"hearing": "no"}),
        ("person", FORM), ("contact", {"address": "Proefstraat 1", "iban": "NL91ABNA0417164300"}),
    ):  # fmt: skip
        visit.post(f"{path}/{step}", **said)
    token = visit.token
    for _ in range(2):
        assert visit.client.post(f"{path}/send", data={"csrf": token}).url.path == f"{path}/sent"
    assert len(world.get("/v1/handlers/appeals")["appeals"]) == 1


def test_an_appeal_is_in_the_language_of_the_page(world: World, visit: Visit, case: dict[str, Any]) -> None:
    visit.client.headers["Accept-Language"] = "nl"
    path = f"/cases/{case['decisionId']}/appeal"
    for step, said in (
        ("reason", {"ground": "none-of-these"}), ("grounds", {"grounds": "Te hoog."}), ("hearing", {"hearing": "no"}),
        ("person", FORM), ("contact", {"address": "Proefstraat 1", "iban": "NL91ABNA0417164300"}),
    ):  # fmt: skip
        visit.post(f"{path}/{step}", **said)
    visit.post(f"{path}/send")
    appeal = world.system.services.appeals.appeal_for_decision(case["decisionId"])
    assert appeal is not None
    assert (appeal.language, appeal.ground) == ("nl", None)
    receipt = PdfReader(io.BytesIO(visit.get(f"{path}/receipt.pdf").content)).pages[0].extract_text()
    assert "Uw beroep is ontvangen" in receipt
    assert "Wat u hebt gestuurd" in receipt


def test_a_contract_does_not_end_before_it_begins(visit: Visit, case: dict[str, Any]) -> None:
    path = f"/cases/{case['decisionId']}/not-me"
    visit.post(f"{path}/ground", ground="hired")
    answer = visit.post(f"{path}/hire", since="2026-09-10", until="2026-09-01")
    assert answer.status_code == 400
    assert "Fill in the last day of the contract." in answer.text


def test_nothing_is_sent_that_is_not_complete(world: World, visit: Visit, case: dict[str, Any]) -> None:
    path = f"/cases/{case['decisionId']}/appeal"
    assert visit.post(f"{path}/send").url.path == f"{path}/reason"
    assert world.get("/v1/handlers/appeals")["appeals"] == []


def test_a_draft_is_thrown_away_when_nobody_touches_it(world: World, visit: Visit, case: dict[str, Any]) -> None:
    path = f"/cases/{case['decisionId']}/appeal"
    visit.post(f"{path}/grounds", grounds="Te hoog.")
    world.clock.advance(timedelta(days=59))
    assert world.system.services.drafts.forget_old() == 0
    world.clock.advance(timedelta(days=2))
    assert world.system.services.drafts.forget_old() == 1


def test_a_copy_of_ones_own_data_holds_all_of_it(world: World, visit: Visit, case: dict[str, Any]) -> None:
    world.appeal(case)
    answer = visit.post("/data/copy")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = set(archive.namelist())
        told = json.loads(archive.read("data.json"))
    number = case["caseNumber"]
    assert {"data.json", f"{number}/photo_1.jpg", f"{number}/letter_decision_1.pdf"} <= names
    [one] = told["cases"]
    assert one["case"]["caseNumber"] == number
    assert one["appeal"]["appellant"]["name"] == "T. Testpersoon"
    assert one["keeper"]["name"] == "T. Testpersoon"
    assert {look["what"] for look in one["looks"]} >= {"original.viewed"}


def test_a_correction_is_asked_for_and_answered_in_time(world: World, visit: Visit, case: dict[str, Any]) -> None:
    path = f"/cases/{case['decisionId']}/correction"
    visit.post(f"{path}/wrong", wrong="Mijn naam is anders.")
    assert "14 October 2026" in visit.post(f"{path}/send").text
    [asked] = world.get("/v1/handlers/correction-requests")
    assert (asked["wrong"], asked["answerBy"]) == ("Mijn naam is anders.", "2026-10-14")
    answers = f"/v1/handlers/correction-requests/{asked['id']}"
    world.post(f"{answers}/acceptances", 204, reason="Verbeterd.")
    world.post(f"{answers}/refusals", 409, reason="Toch niet.")
    assert "Verbeterd." in visit.get(f"{path}/sent").text
