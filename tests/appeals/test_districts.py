"""Which district court is competent, by the place and the day (Wahv art. 10; Wet op de rechterlijke indeling)."""

from datetime import date

import pytest

from appeals.districts import UNROUTED, competent_court, courts

TODAY = date(2026, 9, 14)


@pytest.mark.parametrize(
    ("place", "court"),
    [
        ("Ouder-Amstel", "Rechtbank Amsterdam"),
        ("'s-Gravenhage", "Rechtbank Den Haag"),
        ("Den Haag", "Rechtbank Den Haag"),
        ("Oude IJsselstreek", "Rechtbank Gelderland"),
        ("Maastricht", "Rechtbank Limburg"),
        ("Urk", "Rechtbank Midden-Nederland"),
        ("Gooise Meren", "Rechtbank Midden-Nederland"),
        ("Bergen (NH.)", "Rechtbank Noord-Holland"),
        ("Bergen (L)", "Rechtbank Limburg"),
        ("Súdwest-Fryslân", "Rechtbank Noord-Nederland"),
        ("Nuenen, Gerwen en Nederwetten", "Rechtbank Oost-Brabant"),
        ("Hof van Twente", "Rechtbank Overijssel"),
        ("Voorne aan Zee", "Rechtbank Rotterdam"),
        ("Altena", "Rechtbank Zeeland-West-Brabant"),
        ("Sluis", "Rechtbank Zeeland-West-Brabant"),
    ],
)
def test_the_court_of_the_place_of_the_conduct_is_competent(place: str, court: str) -> None:
    found = competent_court(place, "Proefdorp", TODAY)
    assert (found.court, found.basis) == (court, "conduct")


@pytest.mark.parametrize(
    ("day", "court"),
    [
        (date(2021, 12, 31), "Rechtbank Midden-Nederland"),
        (date(2022, 1, 1), "Rechtbank Amsterdam"),
        (date(2022, 3, 23), "Rechtbank Amsterdam"),
        (date(2022, 3, 24), UNROUTED),
    ],
)
def test_a_municipality_that_moved_and_ended_is_looked_up_by_the_day(day: date, court: str) -> None:
    """Weesp went to the district of Amsterdam on 1 January 2022, and became part of the city on 24 March."""
    assert competent_court("Weesp", "Proefdorp", day).court == court


def test_where_the_place_is_unknown_the_residence_decides() -> None:
    found = competent_court("Bergen", "Arnhem", TODAY)
    assert (found.court, found.basis) == ("Rechtbank Gelderland", "residence")


def test_two_municipalities_of_one_name_are_left_to_a_person() -> None:
    assert competent_court("Bergen", "Proefdorp", TODAY).court == UNROUTED


def test_the_answer_names_article_and_status() -> None:
    step = competent_court("Sluis", "", TODAY).step
    assert step.article == "Wahv art. 10; Wet op de rechterlijke indeling art. 13"
    assert step.status == "reported"


def test_there_are_eleven_district_courts() -> None:
    assert len(courts()) == 11
