"""Some of what one person reads is read by a second one, who does not know what the first one read."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import SettableClock
from core.settings import Settings
from imaging.review import SecondReviewRule
from tests.world import OPERATOR, World, dazzled, keeper_of
from workers.bootstrap import build
from workers.migrate import migrate

PLATE = {"plate": "TN-HV 957", "country": "DE"}
OTHER = {"plate": "TN-HU 957", "country": "DE"}
Reviewer = Callable[[str, dict[str, str]], httpx.Response]


@pytest.fixture
def strict(tmp_path: Path, clock: SettableClock) -> World:
    """Every reading is read twice."""
    rules = tmp_path / "rules.yaml"
    rules.write_text("[{valid_from: 2011-01-01, permille: 1000, always: []}]")
    settings = Settings(data_dir=tmp_path, vehicle_register_file=tmp_path / "register.json", second_review_file=rules)
    migrate(settings)
    world = World(build(settings, clock), clock, tmp_path)
    world.register = [keeper_of("TN-HV 957", "DE")]
    return world


@pytest.fixture
def capture(strict: World) -> str:
    capture_id = strict.push(strict.signed(images=[dazzled("TN-HV 957", "DE")])).json()["id"]
    strict.drain()
    return str(capture_id)


@pytest.fixture
def reviewer(strict: World, capture: str) -> Callable[[str], Reviewer]:
    """Hires another person."""

    def hire(name: str) -> Reviewer:
        token = strict.system.services.principals.register(OPERATOR, name, {"reviewer"})
        headers = {"Authorization": f"Bearer {token}"}

        def post(what: str, body: dict[str, str]) -> httpx.Response:
            return strict.http.post(f"/v1/handlers/captures/{capture}/{what}", json=body, headers=headers)

        return post

    return hire


def fate(world: World) -> str:
    world.drain()
    return str(world.get("/v1/handlers/captures")[0]["fate"])


def test_one_person_alone_settles_nothing(strict: World, reviewer: Callable[[str], Reviewer]) -> None:
    anna = reviewer("Anna")
    assert anna("confirmations", PLATE).status_code == 204
    assert fate(strict) == "in_second_review"
    again = anna("confirmations", PLATE)
    assert again.status_code == 409
    assert again.json()["type"].endswith("read-by-you-before")


def test_two_who_read_the_same_settle_it(strict: World, reviewer: Callable[[str], Reviewer]) -> None:
    reviewer("Anna")("confirmations", PLATE)
    assert reviewer("Bram")("confirmations", PLATE).status_code == 204
    assert fate(strict) == "issued"


def test_two_who_differ_need_a_third(strict: World, reviewer: Callable[[str], Reviewer]) -> None:
    anna, bram = reviewer("Anna"), reviewer("Bram")
    anna("confirmations", PLATE)
    bram("confirmations", OTHER)
    assert fate(strict) == "disputed"
    assert anna("confirmations", PLATE).status_code == 409
    assert reviewer("Chris")("confirmations", PLATE).status_code == 204
    assert fate(strict) == "issued"


def test_who_cannot_read_it_differs_from_who_can(strict: World, reviewer: Callable[[str], Reviewer]) -> None:
    reviewer("Anna")("confirmations", PLATE)
    reviewer("Bram")("rejections", {"reason": "mud"})
    assert fate(strict) == "disputed"
    reviewer("Chris")("rejections", {"reason": "mud indeed"})
    assert fate(strict) == "rejected"


def test_the_second_reader_does_not_see_what_the_first_read(
    strict: World, capture: str, reviewer: Callable[[str], Reviewer]
) -> None:
    before = strict.get("/v1/handlers/readings")
    reviewer("Anna")("confirmations", OTHER)
    after = strict.get("/v1/handlers/readings")
    assert [{**one, "state": "in_review"} for one in after] == before


def test_agreement_is_counted_for_each_person(strict: World, reviewer: Callable[[str], Reviewer]) -> None:
    reviewer("Anna")("confirmations", PLATE)
    reviewer("Bram")("confirmations", OTHER)
    reviewer("Chris")("confirmations", PLATE)
    people = strict.system.services.imaging.desk.statistics().reviewers
    assert sorted((one.read, one.as_machine, one.compared, one.agreed) for one in people) == [
        (1, 0, 1, 0),
        (1, 1, 0, 0),
        (1, 1, 1, 0),
    ]


@given(st.uuids(), st.integers(0, 1000))
def test_a_larger_share_never_spares_a_reading_that_a_smaller_one_takes(reading: object, permille: int) -> None:
    smaller, larger = (SecondReviewRule(date(2011, 1, 1), share, frozenset()) for share in (permille, permille + 1))
    assert larger.covers(str(reading), []) or not smaller.covers(str(reading), [])


def test_the_share_is_what_the_rule_says() -> None:
    rule = SecondReviewRule(date(2011, 1, 1), 50, frozenset({"photos-disagree"}))
    drawn = sum(rule.covers(f"reading {number}", []) for number in range(10_000))
    assert 430 < drawn < 570
    assert rule.covers("any", ["photos-disagree"])
