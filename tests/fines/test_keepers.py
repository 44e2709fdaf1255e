"""Who answers for a conduct: the keeper of that moment, and nobody where the law says so."""

from datetime import timedelta
from typing import Any

import pytest

from tests.world import PLATE, World, dazzled, keeper_of


def fate(world: World, **vehicle: Any) -> dict[str, Any]:
    """A capture of 62 km/h where 50 is allowed, with this in the register."""
    world.register = [{**keeper_of(PLATE.text), **vehicle}]
    pushed = world.push(world.signed("62.0")).json()["id"]
    world.drain()
    return next(found for found in world.get("/v1/handlers/captures") if found["id"] == pushed)


def period(start: str, end: str | None, name: str, **more: Any) -> dict[str, Any]:
    keeper = {**keeper_of(PLATE.text)["keepers"][0]["keeper"], "name": name}
    return {"from": start, "to": end, "keeper": keeper, **more}


def addressee(world: World, found: dict[str, Any]) -> str:
    return world.system.services.fines.decision(found["decisionId"]).keeper["name"]


def test_a_vehicle_that_was_sold_is_of_whoever_held_it_at_the_moment_of_the_conduct(world: World) -> None:
    # Wahv art. 5: in whose name the plate stood at the time of the conduct; sold the day after it.
    keepers = [period("2020-01-01", "2026-09-14", "V. Verkoper"), period("2026-09-15", None, "K. Koper")]
    assert addressee(world, fate(world, keepers=keepers)) == "V. Verkoper"


@pytest.mark.parametrize(
    ("kind", "article"),
    [("stolen", "Wahv art. 8 sub a"), ("exempt", "RVV 1990 art. 91"), ("immune", "Wahv art. 5c")],
)
def test_where_the_keeper_does_not_answer_no_decision_is_made_and_the_article_is_named(
    world: World, kind: str, article: str
) -> None:
    found = fate(world, bars=[{"kind": kind, "from": "2026-09-01", "to": "2026-09-30"}])
    assert (found["fate"], found["decisionId"]) == ("not_liable", None)
    assessment = world.system.services.fines.assessment(found["id"])
    assert assessment.explanation[-1]["article"] == article


def test_a_vehicle_that_was_found_again_before_the_conduct_counts_as_any_other(world: World) -> None:
    assert fate(world, bars=[{"kind": "stolen", "from": "2026-08-01", "to": "2026-09-13"}])["decisionId"]


def test_a_keeper_who_has_died_gets_no_letter(world: World) -> None:
    keepers = [period("2020-01-01", None, "O. Overleden", deceasedOn="2026-09-14")]
    assert fate(world, keepers=keepers)["fate"] == "not_liable"


@pytest.mark.parametrize(
    ("born", "cents"),
    [
        ("2010-09-14", 8400),  # sixteen on the day of the conduct
        ("2010-09-15", 4200),  # a day short of sixteen: half (Wahv art. 2 par. 4)
        ("2014-09-14", 4200),  # twelve on the day
        ("2014-09-15", None),  # a day short of twelve (Wahv art. 3 par. 2)
    ],
)
def test_a_young_keeper_gets_half_or_nothing_by_his_age_at_the_conduct(
    world: World, born: str, cents: int | None
) -> None:
    found = fate(world, keepers=[period("2020-01-01", None, "J. Jong", bornOn=born)])
    if cents is None:
        assert found["fate"] == "not_liable"
    else:
        assert world.get(f"/v1/handlers/decisions/{found['decisionId']}")["amounts"]["sanction"] == cents


def test_a_company_answers_as_a_keeper_whatever_its_age(world: World) -> None:
    found = fate(world, keepers=[period("2020-01-01", None, "Verhuur B.V.", company=True, bornOn="2020-01-01")])
    assert world.get(f"/v1/handlers/decisions/{found['decisionId']}")["amounts"]["sanction"] == 8400


@pytest.mark.parametrize(("days_later", "fate_then"), [(124, "issued"), (126, "too_late")])
def test_the_four_months_run_from_when_a_foreign_keeper_became_known(
    world: World, days_later: int, fate_then: str
) -> None:
    # Wahv art. 4 par. 2 since 2017-07-12. Conduct on 14 September, known on 17 September: until 17 January.
    keeper = keeper_of("TN-HV 957", "DE")
    keeper["keepers"][0]["knownOn"] = "2026-09-17"
    world.register = [keeper]
    capture = world.push(world.signed(images=[dazzled("TN-HV 957", "DE")])).json()["id"]
    world.drain()
    for _ in range(4):
        world.clock.advance(timedelta(days=30))
    world.post(f"/v1/handlers/captures/{capture}/confirmations", 204, plate="TN-HV 957", country="DE")
    world.clock.advance(timedelta(days=days_later - 120))
    world.drain()
    assert world.get("/v1/handlers/captures")[0]["fate"] == fate_then
