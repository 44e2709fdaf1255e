"""All that a citizen's page shows of a case, each asked for once."""

from collections.abc import Sequence
from functools import cached_property

from api.services import Services
from appeals.service import AppealView
from core import audit
from core.errors import Conflict
from fines.service import CorrectionView, DecisionView, KeeperStatementView, MandateView, PlanView


class CaseFile:
    """A decision and what hangs on it, as it was when it was first asked for."""

    def __init__(self, doors: Services, decision: DecisionView) -> None:
        self.doors = doors
        self.decision = decision

    @cached_property
    def appeal(self) -> AppealView | None:
        return self.doors.appeals.appeal_for_decision(self.decision.id)

    @cached_property
    def plans(self) -> Sequence[PlanView]:
        """The newest first."""
        return self.doors.fines.plans.of_case(self.decision.id)

    @property
    def granted_plan(self) -> PlanView | None:
        """The one that runs."""
        return next((plan for plan in self.plans if plan.state == "granted"), None)

    @cached_property
    def statements(self) -> Sequence[KeeperStatementView]:
        """About the keeper, oldest first."""
        return self.doors.fines.liability.of_decision(self.decision.id)

    @cached_property
    def corrections(self) -> Sequence[CorrectionView]:
        """Asked for, oldest first."""
        return self.doors.fines.corrections.of_decision(self.decision.id)

    @cached_property
    def mandates(self) -> Sequence[MandateView]:
        """That were given, oldest first."""
        return self.doors.fines.mandates.of_decision(self.decision.id)

    def looks(self) -> list[audit.Access]:
        """Who looked at the photo, the letters and the files, and what for."""
        subjects = {self.decision.capture_id, *(letter.id for letter in self.decision.letters)}
        subjects |= {file.id for file in self.appeal.attachments} if self.appeal else set()
        subjects |= {file.id for statement in self.statements for file in statement.evidence}
        subjects |= {proof.id for mandate in self.mandates for proof in mandate.proofs}
        with self.doors.database.read_session() as session:
            return audit.accesses(session, subjects)

    def waiting_appeal(self) -> AppealView:
        """Raises Conflict where none waits for a decision."""
        if self.appeal is None or self.appeal.outcome is not None:
            raise Conflict("nothing-to-withdraw", "there is no appeal that waits for a decision")
        return self.appeal
