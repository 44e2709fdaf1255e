"""A leasing firm names who had hired its vehicles, thousands at once: each row is taken in or refused by itself."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api.app import create_app
from core.clock import local_date
from core.errors import InvalidInput
from core.outbox import OutboxMessage
from core.unit_of_work import SYSTEM
from fines.hirer_lists import COLUMNS, read_list
from fines.models import Decision
from fines.releases import LiveLaw
from tests.cases import conduct, decide, fined
from tests.world import OPERATOR, World

LISTS = "/v1/professionals/hirer-lists"
HIRER = {"name": "H. Huurder", "street": "Huurweg 2", "postcode": "2000 BB", "city": "Huurdorp", "country": "Nederland"}


@pytest.fixture
def firm(world: World) -> TestClient:
    token = world.system.services.principals.register(OPERATOR, "Lease", {"professional"})
    client = TestClient(create_app(world.system.services))
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def row(case: dict[str, Any], **other: str) -> dict[str, str]:
    contract = {"contract_from": "2026-09-01", "contract_until": "2026-09-30"}
    return {"case_number": case["caseNumber"], "plate": case["plate"], **HIRER, **contract, **other}


def as_csv(rows: list[dict[str, str]], delimiter: str = ",", columns: list[str] | None = None) -> bytes:
    buffer = io.StringIO()
    names = columns or list(COLUMNS)
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(names)
    writer.writerows([one[name] for name in COLUMNS] for one in rows)
    return buffer.getvalue().encode()


def send(firm: TestClient, content: bytes, status: int = 202) -> Any:
    answer = firm.post(LISTS, files={"file": ("hirers.csv", content)})
    assert answer.status_code == status, answer.text
    return answer.json()


def rows_of(firm: TestClient, list_id: str, state: str = "") -> list[dict[str, Any]]:
    """All pages."""
    found, address = [], f"{LISTS}/{list_id}/rows" + (f"?state={state}" if state else "")
    while address:
        page = firm.get(address).json()
        found += page["rows"]
        address = page["next"]
    return found


def test_a_row_becomes_a_statement_about_the_keeper(world: World, firm: TestClient) -> None:
    case = fined(world)
    sent = send(firm, as_csv([row(case)]))
    assert (sent["state"], sent["waiting"]) == ("received", 1)
    world.drain()
    assert firm.get(f"{LISTS}/{sent['id']}").json()["filed"] == 1
    [statement] = world.get("/v1/handlers/keeper-statements")
    assert (statement["ground"], statement["person"]) == ("hired", HIRER)
    assert statement["caseNumber"] == case["caseNumber"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("columns", [list(COLUMNS), list(COLUMNS.values())])
def test_a_list_comes_as_people_s_programs_write_it(
    world: World, firm: TestClient, delimiter: str, columns: list[str]
) -> None:
    said = row(fined(world), contract_from="01-09-2026", contract_until="30-09-2026")
    sent = send(firm, b"\xef\xbb\xbf" + as_csv([said], delimiter, columns))
    world.drain()
    assert firm.get(f"{LISTS}/{sent['id']}").json()["filed"] == 1


@pytest.mark.parametrize(
    ("other", "column", "told"),
    [
        ({"name": ""}, "name", "is missing"), ({"case_number": "12"}, "case_number", "is not a case number"),
        ({"contract_from": "soon"}, "contract_from", "is no day"), ({"city": "x" * 201}, "city", "is too long"),
        ({"contract_until": "2026-08-01"}, "contract_until", "before the first day"),
        ({"plate": "XX-00-XX"}, "case_number", "no such case"),
    ],
)  # fmt: skip
def test_a_row_that_is_not_right_is_refused_with_what_is_wrong(
    world: World, firm: TestClient, other: dict[str, str], column: str, told: str
) -> None:
    good = row(fined(world))
    sent = send(firm, as_csv([row(fined(world), **other), good]))
    world.drain()
    [refused] = rows_of(firm, sent["id"], "refused")
    assert refused["line"] == 2
    [problem] = refused["problems"]
    assert problem["column"] == column
    assert told in problem["detail"]
    assert [one["line"] for one in rows_of(firm, sent["id"], "filed")] == [3]


def test_a_row_that_was_said_before_is_known_and_one_that_says_otherwise_is_not(world: World, firm: TestClient) -> None:
    case = fined(world)
    sent = send(firm, as_csv([row(case), row(case), row(case, name="Iemand anders")]))
    world.drain()
    assert [one["state"] for one in rows_of(firm, sent["id"])] == ["filed", "known", "refused"]
    [refused] = rows_of(firm, sent["id"], "refused")
    assert refused["code"] == "statement-exists"


def test_the_same_file_again_is_the_same_list(world: World, firm: TestClient) -> None:
    content = as_csv([row(fined(world))])
    assert send(firm, content)["id"] == send(firm, content)["id"]
    world.drain()
    assert len(world.get("/v1/handlers/keeper-statements")) == 1


def test_a_list_is_its_senders_alone(world: World, firm: TestClient) -> None:
    sent = send(firm, as_csv([row(fined(world))]))
    token = world.system.services.principals.register(OPERATOR, "Other", {"professional"})
    for path in ("", "/rows", "/refusals"):
        answer = firm.get(f"{LISTS}/{sent['id']}{path}", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 404
    assert firm.get(LISTS, headers={"Authorization": f"Bearer {token}"}).json() == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "list-columns"), (b"case_number,plate\n1,2\n", "list-columns"), (b"\xff\xfe\x00", "list-encoding"),
        (as_csv([]), "list-length"), (as_csv([]) + b'"open\n', "list-form"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_as_a_whole(firm: TestClient, content: bytes, code: str) -> None:
    assert send(firm, content, 400)["type"] == f"urn:flitsketen:problem:{code}"


def test_a_refused_row_comes_back_to_be_put_right_and_starts_no_formula(world: World, firm: TestClient) -> None:
    sent = send(firm, as_csv([row(fined(world), name="=cmd()", city="")]))
    world.drain()
    answer = firm.get(f"{LISTS}/{sent['id']}/refusals")
    assert answer.headers["content-type"].startswith("text/csv")
    [back] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert (back["line"], back["problem"], back["name"]) == ("2", "city: is missing", "'=cmd()")
    content = answer.content.replace(b"Huurweg 2;2000 BB;;", b"Huurweg 2;2000 BB;Huurdorp;")
    again = send(firm, content)
    world.drain()
    assert firm.get(f"{LISTS}/{again['id']}").json()["filed"] == 1


def test_a_job_that_runs_twice_files_once(world: World, firm: TestClient) -> None:
    sent = send(firm, as_csv([row(fined(world))]))
    world.drain()
    with world.system.units.begin(SYSTEM) as uow:
        payload = {"listId": sent["id"], "first": 2, "last": 2}
        world.system.services.fines.hirer_lists.state_rows(uow, payload, None)
        uow.commit()
    assert len(world.get("/v1/handlers/keeper-statements")) == 1


def test_five_thousand_hirers_with_thirty_seven_badread_list(world: World, firm: TestClient) -> None:
    """Each bad row is named by its line, and nothing else is lost."""
    count, bad = 5000, range(40, 5000, 135)
    at = datetime(2026, 9, 10, 8, tzinfo=UTC)
    conducts = [conduct(number, at + timedelta(seconds=number), 62) for number in range(1, count + 1)]
    law = LiveLaw(world.system.releases)
    decide(world.system, law, local_date(world.clock.now()), conducts)
    with world.system.units.read() as session:
        cases = session.execute(select(Decision.case_number, Decision.plate)).all()
    spoil = [
        {"name": ""},
        {"contract_from": "31-02-2026"},
        {"case_number": "9999999999999999"},
        {"postcode": "x" * 300},
    ]
    rows = [row({"caseNumber": number, "plate": plate}) for number, plate in cases]
    for place, at_row in enumerate(bad):
        rows[at_row] |= spoil[place % len(spoil)]
    assert len(bad) == 37
    sent = send(firm, as_csv(rows))
    work_off(world)
    told = firm.get(f"{LISTS}/{sent['id']}").json()
    assert (told["state"], told["filed"], told["refused"], told["waiting"]) == ("done", count - 37, 37, 0)
    assert [one["line"] for one in rows_of(firm, sent["id"], "refused")] == [at_row + 2 for at_row in bad]
    assert all(one["problems"] for one in rows_of(firm, sent["id"], "refused"))
    assert world.system.services.fines.liability.count_waiting() == count - 37


def work_off(world: World) -> None:
    """The list's own jobs; five thousand letters stay in the queue."""
    with world.system.units.read() as session:
        ids = session.scalars(select(OutboxMessage.id).where(OutboxMessage.job == "fines.state_hirers")).all()
    for message_id in ids:
        world.system.runner.run(message_id)


@given(st.binary(max_size=300))
def test_whatever_is_sent_is_a_list_or_is_refused(content: bytes) -> None:
    try:
        for line, said in read_list(content):
            assert line >= 1
            assert set(said) == set(COLUMNS)
    except InvalidInput:
        pass


@given(st.lists(st.text(max_size=20), min_size=9, max_size=9))
def test_what_a_row_says_comes_out_as_it_went_in(values: list[str]) -> None:
    said = dict(zip(COLUMNS, values, strict=True))
    if not any(value.strip() for value in values) or "\x00" in "".join(values):
        return
    [(_, found)] = read_list(as_csv([said]))
    assert found == {name: value.strip() for name, value in said.items()}
