"""Who is given which appeal, and what was decided on appeals like it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from core import fulltext
from core.database import Database
from core.settings import Settings
from tests.cases import apply_outcomes, fined
from tests.world import World
from workers.migrate import migrate


def appealed(world: World, **said: Any) -> dict[str, Any]:
    case = fined(world)
    world.appeal(case, **said)
    return case


def me(world: World) -> str:
    [(key, _)] = world.system.services.principals.with_role("handler")
    return key


def give(world: World, grounds: list[str], languages: list[str], status: int = 204) -> None:
    answer = world.http.put(
        f"/v1/handlers/handler-profiles/{me(world)}", json={"grounds": grounds, "languages": languages}
    )
    assert answer.status_code == status, answer.text


def taken(world: World) -> str:
    """Case number of the appeal that the handler was given."""
    appeal = world.get(f"/v1/handlers/appeals/{world.post('/v1/handlers/appeal-assignments', 201)['id']}")
    return str(world.get(f"/v1/handlers/decisions/{appeal['decisionId']}")["caseNumber"])


def test_the_next_one_is_the_most_urgent_that_nobody_has(world: World) -> None:
    first, second = appealed(world), appealed(world)
    assert [taken(world), taken(world)] == [first["caseNumber"], second["caseNumber"]]
    refused = world.post("/v1/handlers/appeal-assignments", 409)
    assert refused["type"].endswith("nothing-for-you")


def test_a_handler_is_given_what_he_is_good_at(world: World) -> None:
    world.http  # noqa: B018 - registers the person
    appealed(world, ground="signs", language="nl")
    german = appealed(world, ground="signs", language="de")
    give(world, [], ["de"])
    assert taken(world) == german["caseNumber"]
    world.post("/v1/handlers/appeal-assignments", 409)


def test_an_appeal_without_a_named_ground_is_for_everyone(world: World) -> None:
    world.http  # noqa: B018
    unnamed = appealed(world)
    give(world, ["signs"], [])
    assert taken(world) == unnamed["caseNumber"]


def test_a_ground_or_language_that_does_not_exist_is_refused(world: World) -> None:
    world.http  # noqa: B018
    give(world, ["weather"], [], 400)
    give(world, [], ["xx"], 400)


def test_earlier_decisions_are_found_by_what_was_said(world: World) -> None:
    like = appealed(world, grounds="Het verkeersbord stond achter een struik en was niet te zien.")
    other = appealed(world, grounds="Mijn auto was verkocht.")
    for case in (like, other):
        path = world.taken_on(case)
        world.post(f"{path}/decisions", 204, outcome="upheld", motivation="Overwogen.", unheard="waived")
    apply_outcomes(world.system)
    now = appealed(world, grounds="Er was geen bord zichtbaar door struiken.")
    path = world.taken_on(now)
    found = world.post(f"{path}/precedent-searches", 200)
    assert [one["caseNumber"] for one in found] == [like["caseNumber"]]
    assert [one["caseNumber"] for one in world.post(f"{path}/precedent-searches", 200, words="verkochte auto")] == [
        other["caseNumber"]
    ]


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_both_databases_find_the_nearest_first_and_take_no_operator_from_the_words(
    backend: str, tmp_path: Any, request: pytest.FixtureRequest
) -> None:
    made: Callable[[], str] = request.getfixturevalue("postgres") if backend == "postgresql" else lambda: ""
    settings = Settings(data_dir=tmp_path, database_url=made())
    migrate(settings)
    database = Database(settings.database_url)
    with Session(database.engine) as session:
        fulltext.add(session, "precedent", "a", "Het bord was niet zichtbaar achter de struik")
        fulltext.add(session, "precedent", "b", "Het bord stond er")
        fulltext.add(session, "precedent", "c", "De auto was verkocht")
        assert fulltext.search(session, "precedent", "struik voor het bord", 5)[0] == "a"
        assert fulltext.search(session, "precedent", "verkochte", 5) == ["c"]
        assert fulltext.search(session, "precedent", "' OR 1=1; -- \" * & | !", 5) == []
