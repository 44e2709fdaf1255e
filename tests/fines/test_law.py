"""Correction, tariff, terms: worked examples with their source, and properties."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from fines.explanation import Explanation
from fines.increases import increase_on
from fines.references import (
    new_case_number,
    new_payment_reference,
    payment_check_digit,
)
from fines.rules import NoRule, Rules
from fines.speed import corrected_speed
from fines.tariffs import Route, Tariffs
from fines.terms import months_after, term, working_days

RULES = Rules()
TARIFFS = Tariffs()
WORKING_DAYS = working_days(RULES)
DAY = date(2026, 9, 14)


def corrected(measured: str) -> int:
    return corrected_speed(Decimal(measured), DAY, RULES, Explanation())


def offence(road: str, limit: int, speed: int, on: date = DAY, category: int = 1):
    return TARIFFS.offence(road, limit, speed, category, on, Explanation())


@pytest.mark.parametrize(
    ("measured", "expected"),
    [("62", 59), ("100", 97), ("100.9", 97), ("101", 97), ("107", 103), ("136", 131), ("59.99", 56), ("2", 0)],
)
def test_the_correction_is_three_up_to_100_and_three_percent_above(measured: str, expected: int) -> None:
    assert corrected(measured) == expected


@given(st.decimals(min_value=1, max_value=400, places=2))
def test_the_correction_always_favours_the_driver(measured: Decimal) -> None:
    assert 0 <= corrected(str(measured)) <= max(measured - 3, 0) if measured <= 100 else measured * Decimal("0.97")


@given(st.integers(min_value=1, max_value=399))
def test_a_faster_measurement_is_never_corrected_below_a_slower_one(measured: int) -> None:
    assert corrected(str(measured)) <= corrected(str(measured + 1))


@pytest.mark.parametrize(
    ("road", "limit", "speed", "code", "cents"),
    [
        ("built-up", 50, 59, "VA009", 8400),
        ("built-up", 50, 62, "VA012", 14000),
        ("motorway", 100, 137, "VL037a", 52400),
        ("motorway", 130, 131, "VL001", 1200),
        ("motorway", 130, 133, "VL003", 2200),
    ],
)
def test_the_reported_amounts_of_2026(road: str, limit: int, speed: int, code: str, cents: int) -> None:
    found = offence(road, limit, speed)
    assert (found.route, found.code, found.amount_cents) == (Route.ADMINISTRATIVE, code, cents)


def test_the_verified_amount_of_2011() -> None:
    assert offence("built-up", 50, 54, date(2011, 3, 1)).amount_cents == 2200


@pytest.mark.parametrize(
    ("road", "limit", "speed", "route"),
    [
        ("built-up", 50, 50, Route.NO_OFFENCE),
        ("built-up", 50, 53, Route.NO_OFFENCE),
        ("motorway", 100, 103, Route.NO_OFFENCE),
        ("built-up", 50, 81, Route.CRIMINAL),
        ("motorway", 100, 140, Route.CRIMINAL),
    ],
)
def test_below_the_table_is_no_offence_and_above_it_is_for_the_prosecutor(
    road: str, limit: int, speed: int, route: Route
) -> None:
    assert offence(road, limit, speed).route is route


@pytest.mark.parametrize(("day", "category"), [(date(2010, 12, 31), 1), (date(2020, 5, 5), 1), (DAY, 2)])
def test_where_no_table_holds_nothing_is_guessed(day: date, category: int) -> None:
    with pytest.raises(NoRule):
        offence("built-up", 50, 60, day, category)


def test_a_conduct_of_each_year_gets_its_own_table() -> None:
    years = {
        year: offence("built-up", 50, 60, date(year, 6, 1)).amount_cents
        for year in (2011, 2012, 2013, 2014, 2015, 2026)
    }
    assert len(set(years.values())) >= 4


def test_every_step_names_article_version_status_and_source() -> None:
    explanation = Explanation()
    corrected_speed(Decimal("62"), DAY, RULES, explanation)
    TARIFFS.offence("built-up", 50, 59, 1, DAY, explanation)
    for step in explanation.as_json():
        assert all(step[name] for name in ("rule", "article", "version", "status", "source", "inputs"))


@pytest.mark.parametrize(
    "day",
    ["2026-01-01", "2026-04-03", "2026-04-06", "2026-04-27", "2026-05-05", "2026-05-14", "2026-05-25", "2026-12-25"],
)
def test_the_general_holidays_are_no_working_days(day: str) -> None:
    assert date.fromisoformat(day) not in WORKING_DAYS


def test_kings_day_moves_when_it_falls_on_a_sunday() -> None:
    assert date(2025, 4, 26) not in WORKING_DAYS
    assert date(2026, 4, 28) in WORKING_DAYS


def test_a_term_that_ends_on_easter_monday_runs_on_to_tuesday() -> None:
    assert term("appeal_term_weeks", date(2026, 2, 23), RULES) == date(2026, 4, 7)


@given(st.dates(min_value=date(2011, 1, 1), max_value=date(2035, 1, 1)))
def test_a_term_ends_on_a_working_day_not_before_its_weeks_are_full(start: date) -> None:
    last = term("appeal_term_weeks", start, RULES)
    assert last in WORKING_DAYS
    assert start + timedelta(weeks=6) <= last <= start + timedelta(weeks=6, days=5)
    assert last == WORKING_DAYS.from_(last)


@given(st.dates(min_value=date(2011, 1, 1), max_value=date(2035, 1, 1)))
def test_four_months_later_is_the_same_day_or_the_months_last(start: date) -> None:
    later = months_after(start, 4)
    assert (later.year * 12 + later.month) - (start.year * 12 + start.month) == 4
    assert later.day <= start.day


def test_the_published_example_of_a_payment_reference_has_its_check_digit() -> None:
    assert payment_check_digit("000056789012345") == "5"


@given(st.integers(min_value=0, max_value=15), st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_in_a_case_number_is_noticed(place: int, shift: int) -> None:
    number = new_case_number()
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert luhn.is_valid(number)
    assert not luhn.is_valid(wrong)


def test_a_new_payment_reference_is_valid() -> None:
    for _ in range(200):
        reference = new_payment_reference()
        assert re.fullmatch(r"\d{16}", reference)
        assert reference[0] == payment_check_digit(reference[1:])


def test_rule_data_that_nobody_approved_says_so() -> None:
    assert not RULES.release.approved
    assert "not approved" in RULES.release.reason


@pytest.mark.parametrize(
    ("which", "day", "base", "added"),
    [
        # Wahv art. 23 par. 2 and 25 par. 1, text of 2011-01-01: 25 % and at least 4 euro, 50 % and at least 11 euro.
        ("first", date(2011, 6, 30), 2200, 550),
        ("first", date(2011, 6, 30), 1200, 400),
        ("second", date(2011, 6, 30), 2750, 1375),
        ("second", date(2011, 6, 30), 1600, 1100),
        # The same articles, text of 2011-07-01 and later: 50 % and 100 %, no minimum.
        ("first", date(2011, 7, 1), 1200, 600),
        ("second", date(2026, 9, 14), 12600, 12600),
    ],
)
def test_increases_are_those_of_their_day(which: str, day: date, base: int, added: int) -> None:
    assert increase_on(which, day, RULES).of(base) == added


@pytest.mark.parametrize(
    ("day", "threshold"),
    # Wahv art. 11, texts of 2017-07-12 (always) and 2018-01-01 (from 225 euro).
    [(date(2017, 12, 31), 0), (date(2018, 1, 1), 22500)],
)
def test_security_is_asked_from_the_threshold_of_its_day(day: date, threshold: int) -> None:
    assert RULES.value("security_threshold_cents", day) == threshold
