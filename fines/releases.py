"""Which rule data is live: entered by one person, approved by another, signed, and the same in every process."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.canonical import canonical_json
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.installation_key import InstallationKey
from core.settings import Settings
from core.unit_of_work import Actor, UnitsOfWork
from fines.assessment import Assessor
from fines.keepers import VehicleRegister
from fines.law_diff import Case, Diff, compare, sample_cases
from fines.models import RuleRelease
from fines.rule_files import RuleFiles, digest, shipped, version
from fines.rules import Release, Rules
from fines.states import APPROVED, PROPOSED, RELEASE
from fines.tariffs import Tariffs

_LOOK_AGAIN_SECONDS = 10.0
_SAMPLE = 1000


@dataclass(frozen=True)
class ReleaseView:
    """A release as a person sees it in a list."""

    version: str
    digest: str
    state: str
    note: str
    proposed_by: str
    approved_by: str | None
    approved_at: datetime | None
    held_back: list[str]
    changes: int
    cases_changed: int


class Releases:
    """Proposals of rule data and their approval."""

    def __init__(self, units: UnitsOfWork, signing: InstallationKey) -> None:
        self._units = units
        self._signing = signing

    def propose(
        self, actor: Actor, files: RuleFiles, note: str, held_back: Iterable[str] = (), cases: Iterable[Case] = ()
    ) -> Diff:
        """Enter a set of rule data with its sources; `held_back` names rules that must not carry a case yet.

        The difference from what is live is kept with it: of every value, and of `cases` or a sample. Raises
        InvalidInput for data that does not keep to the form, Conflict for a version that exists, NotAllowed.
        """
        actor.require("jurist", told="rule data is entered by a jurist")
        if not note.strip():
            raise InvalidInput("note-missing", "say what changes and on what source")
        rules, tariffs = Rules(files), Tariffs(files)
        tariffs.check()
        held = sorted(set(held_back))
        if unknown := [name for name in held if name not in rules.parameters and name != "tariff"]:
            raise InvalidInput("rule-unknown", f"no such rules: {', '.join(unknown)}")
        diff = compare(self.live()[0], files, list(cases) or sample_cases(_SAMPLE, files))
        with self._units.begin(actor) as uow:
            named = version(files)
            if uow.session.scalars(select(RuleRelease).where(RuleRelease.version == named)).first():
                raise Conflict("release-exists", f"version {named} was proposed before; give the data a new version")
            release = RuleRelease(
                version=named,
                digest=digest(files),
                files=dict(files),
                note=note.strip(),
                diff=diff.as_json(),
                held_back=held,
                proposed_by=actor.id,
                proposed_at=uow.clock.now(),
                state=PROPOSED,
            )
            uow.add(release)
            RELEASE.create(uow, release, note.strip(), digest=release.digest)
            uow.commit()
        return diff

    def approve(self, actor: Actor, named: str) -> None:
        """Put a proposal in force. Raises NotFound, Conflict, and NotAllowed for whoever entered it."""
        with self._units.begin(actor) as uow:
            release = self._proposal(uow.session, named)
            if release.proposed_by == actor.id:
                raise NotAllowed("four-eyes", "rule data is approved by another person than who entered it")
            RELEASE.fire(uow, release, "approve", f"rule data {named}", digest=release.digest)
            release.approved_by, release.approved_at = actor.id, uow.clock.now()
            release.signature = self._signing.sign_record(uow.session, _signed(release), release.approved_at)
            uow.commit()

    def withdraw(self, actor: Actor, named: str, reason: str) -> None:
        """Take a proposal back. Raises NotFound, Conflict."""
        with self._units.begin(actor) as uow:
            RELEASE.fire(uow, self._proposal(uow.session, named), "withdraw", reason)
            uow.commit()

    @staticmethod
    def _proposal(session: Any, named: str) -> RuleRelease:
        release: RuleRelease | None = session.scalars(
            select(RuleRelease).where(RuleRelease.version == named).with_for_update()
        ).first()
        if release is None:
            raise NotFound("release-unknown", f"nobody proposed rule data {named}")
        return release

    def all(self) -> list[ReleaseView]:
        """Every release, newest first."""
        with self._units.read() as session:
            rows = session.scalars(select(RuleRelease).order_by(RuleRelease.proposed_at.desc())).all()
        return [
            ReleaseView(
                row.version,
                row.digest,
                row.state,
                row.note,
                row.proposed_by,
                row.approved_by,
                row.approved_at,
                row.held_back,
                len(row.diff["changes"]),
                len(row.diff["effects"]),
            )
            for row in rows
        ]

    def newest_approved(self) -> str | None:
        """Id of the release that is live; None before the first one."""
        with self._units.read() as session:
            return session.scalars(
                select(RuleRelease.id)
                .where(RuleRelease.state == APPROVED)
                .order_by(RuleRelease.approved_at.desc(), RuleRelease.id.desc())
                .limit(1)
            ).first()

    def live(self) -> tuple[RuleFiles, Release]:
        """The files in force and who answers for them; the shipped ones, unapproved, before the first release.

        Data whose digest or signature does not hold counts as unapproved, with that reason.
        """
        found = self.newest_approved()
        if found is None:
            return shipped(), Rules().release
        with self._units.read() as session:
            row = session.get_one(RuleRelease, found)
            keys = self._signing.known(session)
        files: RuleFiles = row.files
        reason = ""
        if row.approved_at is None or keys.who_signed(_signed(row), row.signature or "", row.approved_at) is None:
            reason = f"the signature under rule data {row.version} does not hold"
        if digest(files) != row.digest:
            reason = f"rule data {row.version} differs from what was approved"
        return files, Release(row.version, approved=not reason, reason=reason, held_back=frozenset(row.held_back))


class LiveLaw:
    """The rule data in force; a new release is taken up within seconds, in every process."""

    def __init__(self, releases: Releases) -> None:
        self._releases = releases
        self._looked_at = float("-inf")
        self._id: str | None = None
        self._rules = Rules()
        self._tariffs = Tariffs()

    @property
    def rules(self) -> Rules:
        self._refresh()
        return self._rules

    @property
    def tariffs(self) -> Tariffs:
        self._refresh()
        return self._tariffs

    def assessor(self, register: VehicleRegister, settings: Settings) -> Assessor:
        """Who applies it."""
        return Assessor(self.rules, self.tariffs, register, demonstration=settings.demonstration)

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < _LOOK_AGAIN_SECONDS:
            return
        newest = self._releases.newest_approved()
        if newest != self._id:
            files, release = self._releases.live()
            self._rules, self._tariffs, self._id = Rules(files, release), Tariffs(files), newest
        self._looked_at = now


def _signed(release: RuleRelease) -> bytes:
    """What the signature covers."""
    return canonical_json(
        {
            "version": release.version,
            "digest": release.digest,
            "note": release.note,
            "heldBack": release.held_back,
            "proposedBy": release.proposed_by,
            "approvedBy": release.approved_by,
            "approvedAt": release.approved_at,
        }
    )
