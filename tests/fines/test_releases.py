"""A changed law: seen before it goes live, entered by one person, approved by another, refused where it was not."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from core.clock import SettableClock
from core.errors import Conflict, InvalidInput, NotAllowed
from core.settings import Mode, Settings
from core.unit_of_work import Actor
from fines.law_diff import compare, sample_cases
from fines.models import RuleRelease
from fines.releases import LiveLaw
from fines.rule_files import SHIPPED, read_folder, shipped
from fines.rules import Rules
from tests.commands import flitsketen
from tests.world import World
from workers.bootstrap import build
from workers.migrate import migrate

ANNE = Actor("handler", "anne", frozenset({"jurist"}))
BRAM = Actor("handler", "bram", frozenset({"jurist"}))
CLERK = Actor("handler", "clerk", frozenset({"handler"}))


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A copy of the law in which the administration costs of 2018 and later are 10 euro, under a name of its own."""
    folder = tmp_path / "law"
    shutil.copytree(SHIPPED, folder)
    costs, release = folder / "parameters" / "decision.yaml", folder / "release.yaml"
    costs.write_text(costs.read_text().replace("value: 900", "value: 1000"))
    release.write_text('version: "2027.01"\n')
    return folder


@pytest.fixture
def production(tmp_path: Path, clock: SettableClock) -> World:
    """An installation in production mode, with keys."""
    migrate(Settings(data_dir=tmp_path))
    build(Settings(data_dir=tmp_path), clock)
    keys = tmp_path / "keys"
    settings = Settings(
        data_dir=tmp_path,
        mode=Mode.PRODUCTION,
        master_key_file=keys / "master.key",
        signing_key_file=keys / "signing.pem",
        session_secret_file=keys / "session.secret",
        seal_key_file=keys / "seal.pem",
        seal_certificate_file=keys / "seal.crt",
        vehicle_register_file=tmp_path / "register.json",
        authority_iban="NL20INGB0001234567",
        clamav_address="127.0.0.1:3310",
    )
    return World(build(settings, clock), clock, tmp_path)


def fate(world: World) -> dict:
    pushed = world.push(world.signed("62.0")).json()["id"]
    world.drain()
    return next(found for found in world.get("/v1/handlers/captures") if found["id"] == pushed)


def test_the_diff_shows_the_changed_value_and_its_effect_on_a_thousand_cases(changed: Path) -> None:
    after = read_folder(changed)
    diff = compare(shipped(), after, sample_cases(1000, after))
    [cost] = [change for change in diff.changes if change.file == "parameters"]
    assert (cost.entry, cost.before["value"], cost.after["value"]) == (
        "administration_costs_cents from 2018-01-01", 900, 1000,
    )  # fmt: skip
    # Half of the cases are conducts of 2026, and in all of those there is a sanction; before 2018 nothing changes.
    assert diff.cases == 1000
    assert len(diff.effects) == 500
    assert {(e.before["costs_cents"], e.after["costs_cents"]) for e in diff.effects} == {(900, 1000)}


def test_next_years_tariff_is_a_file_and_an_entry_and_no_code(changed: Path) -> None:
    tables, amounts = changed / "tables.yaml", changed / "tariffs"
    (amounts / "speeding-2027.csv").write_text(
        (amounts / "speeding-2026.csv").read_text().replace("VA012,12,1,14000", "VA012,12,1,15000")
    )
    tables.write_text(
        f"{tables.read_text()}- {{valid_from: 2027-01-01, valid_to: 2027-12-31, file: speeding-2027.csv, "
        'series_version: 2015-05-15, status: recalled, source: "a test"}\n'
    )
    answers = [
        flitsketen(
            "law", "fine", "--measured", "65", "--limit", "50", "--road", "built-up", "--date", day,
            "--rules", str(changed), "--json",
        )
        for day in ("2026-12-31", "2027-01-01")
    ]  # fmt: skip
    old, new = (json.loads(output) for _, output in answers)
    assert (old["amountCents"], new["amountCents"]) == (14000, 15000)
    assert new["status"] == "recalled"


def test_a_release_takes_two_people_and_then_carries_the_cases(world: World, changed: Path) -> None:
    before = world.fined("62.0")
    assert before["amounts"]["administration"] == 900
    assert before["specimen"]
    releases = world.system.releases
    releases.propose(ANNE, read_folder(changed), "Costs of 10 euro: Staatsblad 2026, 1 (invented)")
    with pytest.raises(NotAllowed, match="another person"):
        releases.approve(ANNE, "2027.01")
    with pytest.raises(NotAllowed):
        releases.approve(CLERK, "2027.01")
    assert releases.live()[0] == shipped()
    releases.approve(BRAM, "2027.01")
    world.system = build(world.system.settings, world.clock)
    del world.http
    after = world.fined("62.0")
    assert after["amounts"]["administration"] == 1000
    assert after["specimen"] is None
    [release] = releases.all()
    assert (release.proposed_by, release.approved_by, release.state) == ("anne", "bram", "approved")
    assert release.cases_changed == 500


@pytest.mark.parametrize("broken", ["digest", "signature", "approved_by"])
def test_a_release_that_was_altered_afterwards_counts_as_unapproved(world: World, changed: Path, broken: str) -> None:
    releases = world.system.releases
    releases.propose(ANNE, read_folder(changed), "a note")
    releases.approve(BRAM, "2027.01")
    with world.system.database.write_session() as session:
        session.execute(update(RuleRelease).values({broken: "00"}))
        session.commit()
    release = LiveLaw(releases).rules.release
    assert not release.approved
    assert "2027.01" in release.reason


def test_production_decides_nothing_on_rule_data_that_nobody_approved_and_says_which(production: World) -> None:
    refused = fate(production)
    assert (refused["fate"], refused["decisionId"]) == ("rules_not_approved", None)
    reason = production.system.services.fines.assessment(refused["id"]).reason
    assert "administration_costs_cents (2018-01-01)" in reason
    assert "tariff (2026-01-01)" in reason


def test_production_decides_on_released_data_but_not_on_a_rule_that_was_held_back(
    production: World, changed: Path
) -> None:
    releases = production.system.releases
    files = read_folder(changed)
    releases.propose(ANNE, files, "all but the costs", held_back=["administration_costs_cents"])
    releases.approve(BRAM, "2027.01")
    production.system = build(production.system.settings, production.clock)
    refused = fate(production)
    assert refused["fate"] == "rules_not_approved"
    reason = production.system.services.fines.assessment(refused["id"]).reason
    assert "rests on administration_costs_cents (2018-01-01)" in reason
    assert "tariff" not in reason
    production.clock.advance(timedelta(minutes=1))
    releases.propose(BRAM, {**files, "release.yaml": 'version: "2027.02"'}, "the costs as well")
    releases.approve(ANNE, "2027.02")
    production.system = build(production.system.settings, production.clock)
    del production.http
    production.clock.advance(timedelta(minutes=30))
    decided = fate(production)
    assert decided["decisionId"], decided


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("parameters/decision.yaml", "value: 1000", "value: ten", "administration_costs_cents.values.1.value"),
        ("parameters/decision.yaml", "status: reported", "status: sure", "status"),
        ("parameters/decision.yaml", "valid_to: 2017-12-31", "valid_to: 2018-06-01", "two values hold on 2018-01-01"),
        ("parameters/decision.yaml", "unit: cents", "unit: kmh", "must end with its unit"),
        ("tables.yaml", "valid_to: 2011-12-31", "valid_to: 2012-01-01", "two entries hold on 2012-01-01"),
        ("offences.yaml", "valid_to: 2013-12-31", "valid_to: 2014-01-01", "two entries hold on 2014-01-01"),
        ("tables.yaml", "speeding-2012.csv", "speeding-1912.csv", "is missing"),
        ("tariffs/speeding-2026.csv", "VA012,12,", "VA012,twelve,", "cannot be read"),
    ],
)
def test_data_that_does_not_keep_to_the_form_is_refused_with_the_place(
    world: World, changed: Path, path: str, old: str, new: str, said: str
) -> None:
    file = changed / path
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(InvalidInput, match=said):
        world.system.releases.propose(ANNE, read_folder(changed), "a note")


def test_a_version_is_proposed_once(world: World, changed: Path) -> None:
    world.system.releases.propose(ANNE, read_folder(changed), "a note")
    world.system.releases.withdraw(BRAM, "2027.01", "the source was withdrawn")
    with pytest.raises(Conflict, match="new version"):
        world.system.releases.propose(ANNE, read_folder(changed), "a note")
    with pytest.raises(Conflict, match="approve"):
        world.system.releases.approve(BRAM, "2027.01")


def test_the_commands_carry_a_release_from_diff_to_approval(tmp_path: Path, changed: Path) -> None:
    data = tmp_path / "data"
    migrate(Settings(data_dir=data))
    system = build(Settings(data_dir=data))
    tokens = [system.services.principals.register(ANNE, name, {"jurist"}) for name in ("A", "B")]

    def run(token: str, *words: str) -> tuple[int, str]:
        code, output = flitsketen("law", *words, data_dir=str(data), token=token)
        return code, " ".join(output.split())

    assert "500 of 1000 cases" in run(tokens[0], "diff", str(changed))[1]
    code, output = run(tokens[0], "propose", str(changed), "--note", "Costs: Staatsblad 2026, 1 (invented)")
    assert code == 0, output
    assert "Proposed 2027.01" in output
    code, output = run(tokens[0], "approve", "2027.01")
    assert (code, "another person" in output) == (2, True), output
    assert run(tokens[1], "approve", "2027.01") == (0, "2027.01 is in force.")
    listed = json.loads(run(tokens[0], "releases", "--json")[1])
    assert (listed["state"], listed["cases_changed"]) == ("approved", 500)
    assert Rules(*system.releases.live()).value("administration_costs_cents", date(2026, 1, 1)) == 1000
