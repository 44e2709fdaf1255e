"""Insight: what comes in and goes out in a month, how long it takes, and what holds, by ground and by camera."""

import csv
import io
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from appeals.desk import Desk
from appeals.models import Appeal, AppealDecision
from appeals.worklist import is_open
from ingest.service import IngestService


@dataclass(frozen=True)
class Outcomes:
    """Decisions of a month on appeals of one kind."""

    name: str
    upheld: int
    amended: int
    annulled: int
    inadmissible: int

    @property
    def decided(self) -> int:
        return self.upheld + self.amended + self.annulled + self.inadmissible

    @property
    def changed_percent(self) -> int:
        """How many of a hundred did not stand, rounded down."""
        return 100 * (self.amended + self.annulled) // self.decided


@dataclass(frozen=True)
class MonthOfAppeals:
    """`days_to_decide` is the median from receipt to decision; `flagged` are cameras of which much did not stand."""

    month: date
    received: int
    decided: int
    open_now: int
    oldest_days: int
    days_to_decide: int | None
    by_ground: list[Outcomes]
    by_camera: list[Outcomes]
    flagged: list[str]

    def as_csv(self) -> str:
        """One table: the figures, then a row for each ground and camera."""
        out = io.StringIO()
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(["what", "name", "decided", "upheld", "amended", "annulled", "inadmissible", "changed_percent"])
        for what, kinds in (("ground", self.by_ground), ("camera", self.by_camera)):
            for one in kinds:
                counts = (one.decided, one.upheld, one.amended, one.annulled, one.inadmissible, one.changed_percent)
                rows.writerow([what, one.name, *counts])
        return out.getvalue()


class Insight:
    """See module."""

    def __init__(self, desk: Desk, ingest: IngestService) -> None:
        self._desk = desk
        self._ingest = ingest

    def month(self, month: date) -> MonthOfAppeals:
        """Of the month of this day; what is open, is open now."""
        first = month.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        with self._desk.units.late(), self._desk.units.read() as session:
            received = session.scalar(select(func.count()).where(Appeal.received_on.between(first, last)))
            waiting = select(func.count(), func.min(Appeal.received_on)).where(is_open())
            open_now, oldest = session.execute(waiting).one()
            decided = session.execute(
                select(
                    Appeal.decision_id,
                    Appeal.ground,
                    Appeal.received_on,
                    AppealDecision.outcome,
                    AppealDecision.decided_on,
                )
                .join(Appeal, Appeal.id == AppealDecision.appeal_id)
                .where(AppealDecision.decided_on.between(first, last))
            ).all()
        cameras = self._cameras([row.decision_id for row in decided])
        by_camera = _counted((cameras[row.decision_id], row.outcome) for row in decided)
        return MonthOfAppeals(
            first,
            int(received or 0),
            len(decided),
            int(open_now),
            (self._desk.today - oldest).days if oldest else 0,
            int(statistics.median((row.decided_on - row.received_on).days for row in decided)) if decided else None,
            _counted((row.ground or "not named", row.outcome) for row in decided),
            by_camera,
            self._flagged(by_camera, last),
        )

    def _cameras(self, decisions: list[str]) -> dict[str, str]:
        """Camera by decision."""
        found: dict[str, str] = {}
        for start in range(0, len(decisions), 500):
            captures = self._desk.fines.case_names(decisions[start : start + 500])
            cameras = self._ingest.cameras_of([capture for _, capture in captures.values()])
            found |= {decision: cameras.get(capture, "unknown") for decision, (_, capture) in captures.items()}
        return found

    def _flagged(self, by_camera: list[Outcomes], on: date) -> list[str]:
        least = self._desk.rules.value("camera_flag_least_cases", on)
        percent = self._desk.rules.value("camera_flag_percent", on)
        return [one.name for one in by_camera if one.decided >= least and one.changed_percent >= percent]


def _counted(decided: Iterable[tuple[str, str]]) -> list[Outcomes]:
    """By name, those of which the largest share did not stand first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, outcome in decided:
        counts[name][outcome] += 1
    kinds = ("upheld", "amended", "annulled", "inadmissible")
    found = [Outcomes(name, *(count[kind] for kind in kinds)) for name, count in counts.items()]
    return sorted(found, key=lambda one: (-one.changed_percent, -one.decided, one.name))
