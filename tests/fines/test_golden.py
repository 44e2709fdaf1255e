"""Worked cases from law and practice. Each names its source; the dates were counted by hand on a calendar.

Atw is the Algemene termijnenwet: a term that ends on a Saturday, Sunday or general holiday runs on (art. 1), a long one
does not (art. 4). Annex is the annex of the Wahv, in the text of the table's year.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import local_date
from fines.questions import Law
from fines.rules import Rules
from fines.speed import least_measured
from fines.tariffs import Route, Tariffs
from fines.terms import working_days

RULES = Rules()
LAW = Law(RULES, Tariffs())
DAYS = working_days(RULES)


@pytest.mark.parametrize(
    ("rule", "start", "last"),
    [
        # Awb art. 6:7 and 6:8: six weeks, from the day after.
        ("appeal", "2026-03-20", "2026-05-01"),  # Labour Day is no general holiday here (Atw art. 3)
        ("appeal", "2026-02-20", "2026-04-07"),  # Good Friday, the weekend, Easter Monday (Atw art. 1, 3 par. 2)
        ("appeal", "2026-02-23", "2026-04-07"),  # Easter Monday
        ("appeal", "2026-03-16", "2026-04-28"),  # King's Day
        ("appeal", "2026-03-24", "2026-05-06"),  # 5 May, every year
        ("appeal", "2015-03-24", "2015-05-06"),  # 5 May in a lustrum year
        ("appeal", "2013-03-24", "2013-05-06"),  # a Sunday that is 5 May
        ("appeal", "2026-04-02", "2026-05-15"),  # Ascension Day
        ("appeal", "2026-04-13", "2026-05-26"),  # Whit Monday
        ("appeal", "2026-11-13", "2026-12-28"),  # Christmas Day, then the second on a Saturday
        ("appeal", "2027-11-13", "2027-12-27"),  # both Christmas days in the weekend
        ("appeal", "2026-11-20", "2027-01-04"),  # New Year's Day, over the year
        ("appeal", "2024-01-18", "2024-02-29"),  # the leap day itself
        ("appeal", "2023-01-18", "2023-03-01"),  # no leap day in between
        ("appeal", "2024-02-29", "2024-04-11"),  # from a leap day
        ("appeal", "2025-03-15", "2025-04-28"),  # King's Day kept on a Saturday because the 27th is a Sunday
        ("appeal", "2014-03-15", "2014-04-28"),  # the first King's Day, a Saturday
        ("appeal", "2013-03-19", "2013-05-01"),  # the last Queen's Day, 30 April
        ("appeal", "2011-03-11", "2011-04-26"),  # Easter 2011
        ("appeal", "2026-08-29", "2026-10-12"),  # a plain Saturday
        ("appeal", "2026-02-15", "2026-03-30"),  # the Sunday on which summer time begins
        ("appeal", "2026-09-13", "2026-10-26"),  # the Sunday on which it ends
        (
            "appeal",
            "2022-04-15",
            "2022-05-30",
        ),  # the day after Ascension Day, on a par that year (Atw 3 par. 3)
        # Wahv art. 23 par. 1: two weeks after final.
        ("payment", "2026-04-20", "2026-05-04"),
        ("payment", "2026-04-21", "2026-05-06"),
        ("payment", "2026-12-11", "2026-12-28"),
        ("payment", "2026-12-18", "2027-01-04"),
        # Wahv art. 24: four weeks after the reminder.
        ("reminder", "2026-04-16", "2026-05-15"),
        ("reminder", "2026-11-27", "2026-12-28"),
        # Wahv art. 11: security within two weeks.
        ("security", "2026-05-11", "2026-05-26"),
        # Awb art. 7:24: sixteen weeks, which Atw art. 4 leaves as they are, on King's Day and at Christmas.
        ("prosecutor", "2026-01-05", "2026-04-27"),
        ("prosecutor", "2026-09-04", "2026-12-25"),
        # Wahv art. 4 par. 2: four months, to the same day of the month or its last, not extended.
        ("notification", "2026-04-15", "2026-08-15"),
        ("notification", "2025-10-31", "2026-02-28"),
        ("notification", "2023-10-31", "2024-02-29"),
        # Wahv art. 4 par. 2 since 2017-07-12: five years at most; art. 8: eight months for the hirer.
        ("notification_outer_term_years", "2020-02-29", "2025-02-28"),
        ("hirer_notification_term_months", "2026-06-30", "2027-02-28"),
        # Wahv art. 27 par. 6: a week after service until 2018, then six weeks after sending.
        ("objection_to_third_party_notice_weeks", "2017-12-29", "2018-01-05"),
        ("objection_to_third_party_notice_weeks", "2018-01-02", "2018-02-13"),
        # Wahv art. 27 par. 3: eight weeks until 2023, then two years.
        ("third_party_notice_lapses_weeks", "2022-12-30", "2023-02-24"),
        ("third_party_notice_lapses_years", "2023-01-02", "2025-01-02"),
        # Wahv art. 28: five years, which stay a holiday (Atw art. 4).
        ("detention_within_years", "2021-05-05", "2026-05-05"),
        # Wahv art. 25: two years, three since 2018.
        ("recovery_term_months", "2017-12-31", "2019-12-31"),
        ("recovery_term_months", "2018-01-01", "2021-01-01"),
        # Wahv art. 13 par. 2: fourteen days, over King's Day.
        ("ruling_term_days", "2026-04-13", "2026-04-28"),
    ],
)
def test_a_term_ends_on_its_day(rule: str, start: str, last: str) -> None:
    assert LAW.term(rule, date.fromisoformat(start)).last_day.isoformat() == last


@pytest.mark.parametrize(
    ("measured", "limit", "road", "category", "day", "code", "cents"),
    [
        # Annex, series VA, the same excess of 10 km/h in five years.
        ("63", 50, "built-up", 1, "2011-06-01", "VA010", 5400),
        ("63", 50, "built-up", 1, "2012-06-01", "VA010", 6500),
        ("63", 50, "built-up", 1, "2013-06-01", "VA010", 6600),
        ("63", 50, "built-up", 1, "2014-06-01", "VA010", 6700),
        ("63", 50, "built-up", 1, "2015-06-01", "VA010", 6900),
        # Annex, series by sign: a fixed sign and an electronic one are series of their own.
        ("63", 50, "built-up-sign", 1, "2015-06-01", "VB010", 6900),
        ("93", 80, "outside-built-up-sign", 1, "2015-06-01", "VG010", 6500),
        ("114", 100, "motorway-matrix", 1, "2015-06-01", "VN010", 6100),
        # Annex, roadworks inside, outside and on the motorway.
        ("63", 50, "built-up-roadworks", 1, "2014-06-01", "VD010", 10200),
        ("93", 80, "outside-built-up-roadworks", 1, "2014-06-01", "VI010", 8600),
        ("114", 100, "motorway-roadworks", 1, "2014-06-01", "VO010", 8100),
        # Annex, 30 km/h zones and home zones.
        ("43", 30, "built-up-30", 1, "2014-06-01", "VS010", 10200),
        ("28", 15, "home-zone", 1, "2014-06-01", "VV010", 10200),
        # Annex, vehicle categories: lorries and trailers, mopeds, tractors.
        ("63", 50, "built-up", 2, "2012-06-01", "VA010", 9700),
        ("63", 50, "built-up", 3, "2012-06-01", "VA010", 6500),
        ("63", 50, "built-up", 4, "2012-06-01", "VA010", 6500),
        ("93", 80, "outside-built-up", 2, "2014-06-01", "VF010", 8500),
        ("82", 50, "built-up", 3, "2014-06-01", "VA029", 30100),
        # Exactly 30 km/h over, the last row there; on the motorway 39 is.
        ("83", 50, "built-up", 1, "2011-06-01", "VA030", 24100),
        ("114", 80, "outside-built-up", 1, "2014-06-01", "VF030", 30100),
        # 3 % of 144 is 4.32: 139.68 is rounded down to 139, 39 over.
        ("144", 100, "motorway", 1, "2015-06-01", "VL039a", 40400),
        # 134 less 3 % is 129.98: corrected to just under 130, so 29 over and no longer 30.
        ("134", 100, "motorway", 1, "2015-06-01", "VL029", None),
        ("135", 100, "motorway", 1, "2015-06-01", "VL030", 27300),
        ("136", 100, "motorway", 1, "2015-06-01", "VL031a", 28400),
        # Feitenboekje 2026 (reported): the police's own example, 62 in a zone of 50.
        ("62", 50, "built-up", 1, "2026-06-01", "VA009", 8400),
        ("65", 50, "built-up", 1, "2026-06-01", "VA012", 14000),
        ("93", 80, "outside-built-up", 1, "2026-06-01", "VF010", 8900),
        ("144", 100, "motorway", 1, "2026-06-01", "VL039a", 52400),
        # The correction is 3 km/h at 100 and 3 % (3.03) at 101: both come out at 97.
        ("100", 80, "outside-built-up", 1, "2015-06-01", "VF017", None),
        ("101", 80, "outside-built-up", 1, "2015-06-01", "VF017", None),
    ],
)
def test_a_conduct_is_its_row_of_the_annex(
    measured: str, limit: int, road: str, category: int, day: str, code: str, cents: int | None
) -> None:
    offence = LAW.fine(Decimal(measured), limit, road, category, date.fromisoformat(day)).offence
    assert (offence.route, offence.code) == (Route.ADMINISTRATIVE, code)
    assert cents in (None, offence.amount_cents)


@pytest.mark.parametrize(
    ("moment", "cents"),
    [
        # The year changes at midnight in Amsterdam, an hour before it does in UTC: 22 euro in 2011, 26 in 2012.
        (datetime(2011, 12, 31, 22, 59, 59, tzinfo=UTC), 2200),
        (datetime(2011, 12, 31, 23, 0, 0, tzinfo=UTC), 2600),
        # The night on which summer time began: 01:30 UTC is 03:30 in Amsterdam, the same day.
        (datetime(2012, 3, 25, 1, 30, tzinfo=UTC), 2600),
        # The hour that comes twice in the autumn night belongs to one day both times.
        (datetime(2011, 10, 30, 0, 30, tzinfo=UTC), 2200),
        (datetime(2011, 10, 30, 1, 30, tzinfo=UTC), 2200),
    ],
)
def test_the_day_of_the_conduct_is_the_day_in_amsterdam(moment: datetime, cents: int) -> None:
    assert LAW.fine(Decimal(57), 50, "built-up", 1, local_date(moment)).offence.amount_cents == cents


def test_a_conduct_of_each_time_gets_its_own_law() -> None:
    # Wahv art. 11, 14, 23 and 25 and the costs, in the texts of 2014, 2018 and 2026.
    names = (
        "first_increase_percent", "security_threshold_cents", "higher_appeal_threshold_cents", "recovery_term_months",
        "administration_costs_cents", "cost_award_sanction_changed_permille",
    )  # fmt: skip
    found = {year: [RULES.value(name, date(year, 6, 1)) for name in names] for year in (2014, 2018, 2026)}
    assert found == {
        2014: [50, 0, 7000, 24, 700, 1000],
        2018: [50, 22500, 7000, 36, 900, 1000],
        2026: [50, 22500, 11000, 36, 900, 250],
    }


def test_a_term_of_three_days_holds_two_working_days() -> None:
    # Algemene termijnenwet art. 2: from 24 December 2026, Christmas and a weekend, so Monday and Tuesday.
    assert DAYS.with_two_in(date(2026, 12, 24), DAYS.from_(date(2026, 12, 27))) == date(2026, 12, 29)


TERMS = [name for name, parameter in RULES.parameters.items() if parameter.unit in ("days", "weeks", "months")]


@given(st.sampled_from(TERMS), st.dates(min_value=date(2018, 1, 1), max_value=date(2035, 1, 1)))
def test_every_deadline_that_the_law_extends_falls_on_a_working_day(name: str, start: date) -> None:
    if RULES.holding(name, start) is None:
        return
    amount, unit = RULES.value(name, start), RULES.parameters[name].unit
    last = LAW.term(name, start).last_day
    if amount <= RULES.value(f"extended_at_most_{unit}", start):
        assert last in DAYS
        assert last - start < timedelta(days=100)
    assert last > start


@given(st.integers(min_value=1, max_value=250), st.dates(min_value=date(2011, 1, 1), max_value=date(2026, 12, 31)))
def test_the_least_speed_for_a_corrected_one_is_the_least(corrected: int, on: date) -> None:
    measured = least_measured(corrected, on, RULES)
    assert least_measured(corrected + 1, on, RULES) > measured - 1
    assert corrected <= measured <= corrected * 104 // 100 + 4
