"""The rule data asked from outside: every row of the annex, worked examples, terms, and what has no answer."""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from fines.explanation import wording
from fines.questions import TERMS, Law
from fines.rule_files import SHIPPED
from fines.rules import NoRule, Rules
from fines.speed import least_measured
from fines.tariffs import Route, Tariffs
from ingest.metadata import RoadType
from tests.commands import flitsketen

RULES, TARIFFS = Rules(), Tariffs()
QUESTIONS = Law(RULES, TARIFFS)
YEARS = (2011, 2012, 2013, 2014, 2015)
LIMITS = {"VS": 30, "VV": 15, "VT": 130, "VR": 90}
ROADS = {series: road for road, series in TARIFFS.roads.items()}


def rows_of(year: int) -> list[dict[str, str]]:
    with (SHIPPED / "tariffs" / f"speeding-{year}.csv").open() as file:
        return list(csv.DictReader(file))


def limit_of(series: str, excess: int) -> int:
    """A limit at which the series is met with."""
    road = ROADS[series]
    usual = 50 if road.startswith("built-up") else 80 if road.startswith("outside") else 120
    return LIMITS.get(series, 130 if series == "VL" and excess < 4 else usual)


def day_of(series: str, excess: int, year: int) -> date:
    """A day of the year on which the row holds: VL 1 to 3 began, and VT ended, on 1 September 2012."""
    return date(year, 10 if series == "VL" and excess < 4 else 6, 1)


@pytest.mark.parametrize("year", YEARS)
def test_every_row_of_the_annex_is_reached_from_measured_speed_limit_road_and_vehicle(year: int) -> None:
    for row in rows_of(year):
        series, excess, category = row["series"], int(row["excess_kmh"]), int(row["vehicle_category"])
        limit, on = limit_of(series, excess), day_of(series, excess, year)
        answer = QUESTIONS.fine(least_measured(limit + excess, on, RULES), limit, ROADS[series], category, on)
        found = (answer.offence.code, answer.offence.amount_cents)
        assert found == (row["offence_code"], int(row["amount_cents"])), (row, found)


def test_the_five_tables_have_all_rows_of_the_law() -> None:
    assert sum(len(rows_of(year)) for year in YEARS) == 7004


def test_the_cameras_roads_are_those_of_the_annex() -> None:
    assert set(RoadType) == set(TARIFFS.roads)


def test_every_rule_that_answers_has_a_sentence_in_two_languages() -> None:
    assert all(set(languages) == {"nl", "en"} for languages in wording().values())
    for rule in TERMS:
        answer = QUESTIONS.term(rule, date(2026, 3, 20)).as_json()
        assert len(answer["nl"]) == len(answer["en"]) == len(answer["explanation"])


@pytest.mark.parametrize(
    ("measured", "limit", "road", "category", "day", "route", "cents"),
    [
        # Wahv, annex, text of 2015-05-15: VF004 and VA012.
        ("87", 80, "outside-built-up", 1, "2015-06-01", Route.ADMINISTRATIVE, 2300),
        ("65", 50, "built-up", 1, "2015-06-01", Route.ADMINISTRATIVE, 10100),
        # The annex begins at 4 km/h: 86 is corrected to 83.
        ("86", 80, "outside-built-up", 1, "2015-06-01", Route.NO_OFFENCE, None),
        # Exactly 30 km/h over inside built-up areas is its last row, 31 is for the prosecutor.
        ("83", 50, "built-up", 1, "2015-06-01", Route.ADMINISTRATIVE, 32200),
        ("84", 50, "built-up", 1, "2015-06-01", Route.CRIMINAL, None),
        # Decimals are dropped before the correction (annex, note 1): 83.99 is 83.
        ("83.99", 50, "built-up", 1, "2015-06-01", Route.ADMINISTRATIVE, 32200),
        # Mopeds (category 3) stop at 29, heavy vehicles at roadworks (category 2) at 22.
        ("82", 50, "built-up", 3, "2012-06-01", Route.ADMINISTRATIVE, None),
        ("83", 50, "built-up", 3, "2012-06-01", Route.CRIMINAL, None),
        ("76", 50, "built-up-roadworks", 2, "2012-06-01", Route.CRIMINAL, None),
        # VL001 to VL003 began on 1 September 2012 and hold at 130 km/h only; VT ended the day before.
        ("136", 130, "motorway", 1, "2012-08-31", Route.NO_OFFENCE, None),
        ("136", 130, "motorway", 1, "2012-09-01", Route.ADMINISTRATIVE, None),
        ("107", 100, "motorway", 1, "2015-06-01", Route.NO_OFFENCE, None),
        ("136", 130, "motorway-sign-130", 1, "2012-08-31", Route.ADMINISTRATIVE, None),
        ("136", 130, "motorway-sign-130", 1, "2012-09-01", Route.NO_OFFENCE, None),
    ],
)
def test_worked_examples(
    measured: str, limit: int, road: str, category: int, day: str, route: Route, cents: int | None
) -> None:
    answer = QUESTIONS.fine(Decimal(measured), limit, road, category, date.fromisoformat(day))
    assert answer.offence.route is route
    if cents is not None:
        assert answer.offence.amount_cents == cents


def test_the_tariff_changes_with_the_day_of_the_conduct() -> None:
    old, new = (QUESTIONS.fine_by_series("VA", 4, 1, day) for day in (date(2011, 12, 31), date(2012, 1, 1)))
    assert (old.offence.amount_cents, new.offence.amount_cents) == (2200, 2600)


def run(*words: str) -> tuple[int, str]:
    return flitsketen("law", *words)


def test_the_command_prints_amount_costs_code_articles_version_status_and_why() -> None:
    code, output = run(
        "fine", "--measured", "87", "--limit", "80", "--road", "outside-built-up", "--vehicle", "1",
        "--date", "2015-06-01", "--json",
    )  # fmt: skip
    answer = json.loads(output)
    assert code == 0
    assert (answer["offenceCode"], answer["amountCents"], answer["costsCents"]) == ("VF004", 2300, 700)
    assert answer["tableVersion"] == "2015-01-01"
    assert answer["status"] == "reported"
    assert "87 km/h min 3 km/h" in " ".join(answer["nl"])
    assert "€ 23.00" in " ".join(answer["en"])


def test_a_file_of_questions_is_answered_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"
    path.write_text(
        "id,series,excess,measured,limit,road,vehicle,date\n"
        "a,VA,12,,,,1,2015-06-01\n"
        "b,,,87,80,outside-built-up,1,2015-06-01\n"
        "c,,,87,80,canal,1,2015-06-01\n"
        "d,,,fast,80,motorway,1,2015-06-01\n"
        "e,VA,12,,,,1,2019-06-01\n"
        "f,VA,,,,,1,2015-06-01\n"
    )
    code, output = run("fine", "--csv", str(path))
    rows = {row["id"]: row for row in csv.DictReader(output.splitlines())}
    assert code == 0
    assert (rows["a"]["offence_code"], rows["a"]["amount_cents"]) == ("VA012", "10100")
    assert (rows["b"]["offence_code"], rows["b"]["costs_cents"]) == ("VF004", "700")
    assert "the roads are" in rows["c"]["problem"]
    assert "no number" in rows["d"]["problem"]
    assert "nothing is guessed" in rows["e"]["problem"]
    assert "excess is missing" in rows["f"]["problem"]


def test_the_last_day_of_a_term_and_why() -> None:
    code, output = run("term", "--rule", "appeal", "--from", "2026-02-23", "--json")
    answer = json.loads(output)
    assert code == 0
    # Six weeks later is Easter Monday (Algemene termijnenwet art. 1, 3).
    assert answer["lastDay"] == "2026-04-07"
    assert "2026-04-06" in " ".join(answer["nl"])


def test_the_values_of_a_day_are_listed_with_article_and_source() -> None:
    # Wahv art. 14: 70 euro in the text of 2022-10-01, 110 in that of 2023-01-01; art. 25: two years, three since 2018.
    found = {}
    for day in ("2017-12-31", "2022-12-31", "2023-01-01"):
        code, output = run("values", "--on", day, "--json")
        assert code == 0
        found[day] = {line["name"]: line for line in map(json.loads, output.splitlines())}
    assert found["2022-12-31"]["higher_appeal_threshold_cents"]["value"] == 7000
    assert found["2023-01-01"]["higher_appeal_threshold_cents"]["value"] == 11000
    assert found["2017-12-31"]["recovery_term_months"]["value"] == 24
    assert "instalment_threshold_cents" not in found["2017-12-31"]
    assert all(line["article"] and line["source"] for line in found["2023-01-01"].values())


def test_four_months_are_not_extended_over_a_weekend() -> None:
    # Algemene termijnenwet art. 4 sub a: not for terms of more than three months; 2026-08-15 is a Saturday.
    assert QUESTIONS.term("notification", date(2026, 4, 15)).last_day == date(2026, 8, 15)


@pytest.mark.parametrize(
    "words",
    [
        ("fine", "--series", "VA", "--excess", "12"),
        ("fine", "--series", "ZZ", "--excess", "12", "--date", "2015-06-01"),
        ("fine", "--measured", "NaN", "--limit", "80", "--road", "motorway", "--date", "2015-06-01"),
        ("fine", "--date", "2015-06-01"),
        ("term", "--rule", "patience", "--from", "2026-03-20"),
        ("term", "--rule", "appeal", "--from", "2009-03-20"),
    ],
)
def test_a_question_without_an_answer_is_refused_in_words(words: tuple[str, ...]) -> None:
    code, output = run(*words)
    assert code == 2
    assert "Invalid value" in output


@pytest.mark.parametrize(
    ("year", "vehicle", "cents"),
    [
        (2012, 1, 22000), (2012, 2, 22000), (2012, 3, 15000),
        (2013, 1, 22000), (2013, 3, 15000),
        (2014, 1, 23000), (2014, 2, 23000), (2014, 3, 16000),
    ],
)  # fmt: skip
def test_a_red_light_has_the_sum_of_the_annex_of_its_year(year: int, vehicle: int, cents: int) -> None:
    # Wahv, annex, R 602, texts of 2012, 2013 and 2014.
    answer = QUESTIONS.fixed_fine("red-light", vehicle, date(year, 12, 31))
    assert (answer.offence.code, answer.amount_cents) == ("R602", cents)
    assert answer.explanation.steps[0].status == "verified"


def test_a_red_light_at_fifteen_costs_half() -> None:
    assert QUESTIONS.fixed_fine("red-light", 3, date(2014, 6, 1), age=15).amount_cents == 8000


@pytest.mark.parametrize(
    ("offence", "vehicle", "day"),
    [("red-light", 1, "2015-01-01"), ("red-light", 4, "2014-01-01"), ("jaywalking", 1, "2014-01-01")],
)
def test_where_the_data_has_no_sum_none_is_taken_from_elsewhere(offence: str, vehicle: int, day: str) -> None:
    with pytest.raises(NoRule):
        QUESTIONS.fixed_fine(offence, vehicle, date.fromisoformat(day))


def test_the_command_tells_the_sum_of_a_red_light_and_why() -> None:
    _, output = run("fine", "--offence", "red-light", "--vehicle", "1", "--date", "2014-06-01", "--json")
    told = json.loads(output)
    assert (told["offenceCode"], told["amountCents"]) == ("R602", 23000)
    assert "feitcode R602: € 230,00" in told["nl"][0]
