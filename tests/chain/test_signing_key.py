"""Another signing key takes over: what the former signed stays sound, and what it signs later counts for nothing."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from rich.console import Console

from core import audit
from core.clock import FileClock
from core.errors import Conflict
from core.installation_key import InstallationKey
from core.settings import Settings
from fines.rule_files import shipped
from ingest.verifier import unpacked
from tests.commands import flitsketen
from tests.conftest import NOON, empty_database
from tests.fines.test_releases import ANNE, BRAM
from tests.ingest.test_photo_bundle import fetched
from tests.world import World
from workers.audit_report import verify_audit
from workers.bootstrap import System, build
from workers.chores import checkpoint
from workers.doctor import Finding, Grade, examine


def new_key(folder: Path, name: str) -> Path:
    path = folder / name
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem)
    path.chmod(0o600)
    return path


class AdvancingClock(FileClock):
    """One that commands see too."""

    def advance(self, by: timedelta) -> None:
        self.set(self.now() + by)


@pytest.fixture
def clock(tmp_path: Path) -> AdvancingClock:
    found = AdvancingClock(tmp_path / "clock")
    found.set(NOON)
    return found


@pytest.fixture
def settings(tmp_path: Path, clock: AdvancingClock) -> Settings:
    (tmp_path / "flitsketen.db").write_bytes(empty_database())
    return Settings(
        data_dir=tmp_path, clock_file=tmp_path / "clock", vehicle_register_file=tmp_path / "register.json",
        min_free_bytes=0,
    )  # fmt: skip


def take_over(settings: Settings, new: Path) -> Settings:
    """As the handbook says: the command first, then the setting."""
    code, said = flitsketen("keys", "change-signing", str(new), **environment(settings))
    assert code == 0, said
    return settings.model_copy(update={"signing_key_file": new})


def environment(settings: Settings) -> dict[str, str]:
    named = {"data_dir": settings.data_dir, "clock_file": settings.clock_file}
    key = {"signing_key_file": settings.signing_key_file} if settings.signing_key_file else {}
    return {name: str(value) for name, value in (named | key).items()}


def is_sound(system: System) -> bool:
    evidence = system.services.ingest.evidence_log
    return verify_audit(system, Console(quiet=True)) and evidence.check() == []


def told(settings: Settings) -> Finding:
    [found] = [one for one in examine(settings) if one.subject == "signing key"]
    return found


def test_records_of_three_keys_are_sound_under_each_of_them(settings: Settings, clock: AdvancingClock) -> None:
    world = World(build(settings), clock, settings.data_dir)
    used, camera = [settings], world.camera
    for number, name in enumerate(("second.pem", "third.pem", "fourth.pem")):
        world = World(build(used[-1]), clock, settings.data_dir, count=number)
        world.camera = camera
        assert world.push(world.signed()).status_code == 201
        world.drain()
        checkpoint(world.system)
        assert world.system.services.ingest.evidence_log.sign_head()
        used.append(take_over(used[-1], new_key(settings.data_dir, name)))
        clock.advance(timedelta(days=1))
    for one in used:
        assert is_sound(build(one))


def test_approved_rule_data_stays_approved(settings: Settings, clock: AdvancingClock) -> None:
    releases = build(settings).releases
    releases.propose(ANNE, shipped(), "as it is")
    releases.approve(BRAM, releases.all()[0].version)
    changed = take_over(settings, new_key(settings.data_dir, "new.pem"))
    clock.advance(timedelta(days=1))
    assert build(changed).releases.live()[1].approved


def test_a_bundle_from_before_and_one_from_after_are_genuine_by_the_published_keys(
    settings: Settings, clock: AdvancingClock, tmp_path: Path
) -> None:
    world = World(build(settings), clock, tmp_path)
    case = world.fined()
    before, after, published = tmp_path / "before.zip", tmp_path / "after.zip", tmp_path / "published.pem"
    before.write_bytes(fetched(world, case))
    changed = take_over(settings, new_key(tmp_path, "new.pem"))
    clock.advance(timedelta(days=1))
    world = World(build(changed), clock, tmp_path)
    after.write_bytes(fetched(world, case))
    published.write_text(flitsketen("evidence", "key", **environment(changed))[1][-2 * 113 :])
    for bundle in (before, after):
        assert flitsketen("verify", str(bundle), "--key", str(published)) == (0, "genuine\n")
    # The seal is of the new key, the head that the capture is under of the former one.
    former = tmp_path / "former.pem"
    former.write_bytes(published.read_bytes()[113:])
    assert (
        unpacked(after)["data/evidence/inclusion_proof.json"] == unpacked(before)["data/evidence/inclusion_proof.json"]
    )
    assert "seal.json is not the seal" in flitsketen("verify", str(after), "--key", str(former))[1]


def test_the_former_key_signs_until_its_end_and_no_longer(settings: Settings, clock: AdvancingClock) -> None:
    former = build(settings)
    changed = take_over(settings, new_key(settings.data_dir, "new.pem"))
    clock.advance(timedelta(minutes=59))
    assert checkpoint(former) > 0
    clock.advance(timedelta(minutes=2))
    with pytest.raises(Conflict, match="another signing key has taken over"):
        checkpoint(former)
    assert is_sound(build(changed))


def test_a_signature_that_the_former_key_makes_after_its_end_is_found(
    settings: Settings, clock: AdvancingClock
) -> None:
    former = build(settings)
    take_over(settings, new_key(settings.data_dir, "new.pem"))
    late = clock.now() + timedelta(minutes=61)
    assert is_sound(former)
    with former.database.write_session() as session:
        head = session.query(audit.AuditHead).first()
        assert head is not None
        point = audit.AuditCheckpoint(partition=head.partition, seq=head.seq, hash=head.hash, at=late)
        point.signature = former.signing.sign(point.statement())
        session.add(point)
        session.commit()
    assert not is_sound(former)


def test_a_change_that_only_one_side_signed_links_nothing(settings: Settings, clock: AdvancingClock) -> None:
    system = build(settings)
    world = World(system, clock, settings.data_dir)
    world.fined()
    checkpoint(system)
    stranger = InstallationKey(Ed25519PrivateKey.generate())
    with system.database.write_session() as session:
        change = system.signing.succeeded_by(session, stranger, clock.now())
        change.former_signature = change.successor_signature
        session.add(change)
        session.commit()
        assert list(stranger.known(session).until) == [stranger.name]
        assert list(system.signing.known(session).until.items()) == [(system.signing.name, None)]


def test_a_key_is_replaced_once_and_none_comes_back(settings: Settings) -> None:
    first, second = settings.data_dir / "keys" / "signing.pem", new_key(settings.data_dir, "second.pem")
    build(settings)
    changed = take_over(settings, second)
    again = flitsketen("keys", "change-signing", str(new_key(settings.data_dir, "third.pem")), **environment(settings))
    back = flitsketen("keys", "change-signing", str(first), **environment(changed))
    for code, said in (again, back):
        assert (code, "signing-key-used" in said) == (1, True)


def test_what_is_no_signing_key_is_told_and_changes_nothing(settings: Settings) -> None:
    build(settings)
    seal = settings.data_dir / "keys" / "seal.pem"
    code, said = flitsketen("keys", "change-signing", str(seal), **environment(settings))
    assert (code, "must be an Ed25519 private key" in said) == (1, True)
    assert told(settings).grade is Grade.WELL


def test_the_doctor_tells_a_process_that_still_has_the_former_key(settings: Settings) -> None:
    checkpoint(build(settings))
    changed = take_over(settings, new_key(settings.data_dir, "new.pem"))
    assert "FLITSKETEN_SIGNING_KEY_FILE" in told(settings).remedy
    assert told(changed).grade is Grade.WELL
    stranger = settings.model_copy(update={"signing_key_file": new_key(settings.data_dir, "stranger.pem")})
    assert "put the former key back" in told(stranger).remedy


def test_the_command_lists_the_keys_and_until_when_they_count(settings: Settings) -> None:
    build(settings)
    changed = take_over(settings, new_key(settings.data_dir, "new.pem"))
    said = flitsketen("keys", "signing", **environment(changed))[1]
    present, former = [line for line in said.splitlines() if "until" in line]
    assert "until it is replaced" in present
    assert "until 2026-09-14 11:00 UTC" in former
