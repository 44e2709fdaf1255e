"""Who visits the citizen's pages, and which case he may see."""

from typing import Annotated

from fastapi import Depends, Request

from api.dependencies import ServicesDep
from api.services import Services
from api.web.forms import forget_forms
from api.web.idling import looked_lately, looks_now
from core.errors import NotAuthenticated, NotFound
from core.visits import Visitor
from fines.service import DecisionView, MandateView


class EntryNeeded(Exception):
    """Nobody is behind this visit (any more); the app answers with the way in."""


def visitor(request: Request, doors: ServicesDep) -> Visitor:
    """The one behind the cookie, who looked at a page not long ago. Raises EntryNeeded."""
    if not looked_lately(request, doors, doors.settings.visit_idle_minutes):
        raise EntryNeeded
    try:
        found = doors.visits.visitor(request.session.get("visit", ""))
    except NotAuthenticated as error:
        raise EntryNeeded from error
    looks_now(request, doors)
    return found


VisitorDep = Annotated[Visitor, Depends(visitor)]


def come_in(request: Request, doors: Services, visit_id: str, *, for_another: bool = False) -> None:
    """From here on the cookie names this visit; pages of one's own data are not offered to who acts for another."""
    request.session["for_another"] = for_another
    request.session["visit"] = visit_id
    looks_now(request, doors)
    forget_forms(request)


def acts_himself(found: Visitor, decision: DecisionView) -> bool:
    """Opened by its letter, or his own: not by a mandate."""
    return decision.id in found.subjects or (found.person is not None and found.person == decision.person)


def acts_by(doors: Services, found: Visitor, decision: DecisionView) -> MandateView | None:
    """The mandate by which the visitor acts for another; None where he has none."""
    return doors.fines.mandates.acting(decision.id, found.subjects, found.person)


def _may_see(doors: Services, found: Visitor, decision: DecisionView) -> bool:
    return acts_himself(found, decision) or acts_by(doors, found, decision) is not None


def opened(case_id: str, doors: ServicesDep, who: VisitorDep) -> DecisionView:
    """The case of a path. Raises NotFound: the same for another's and for none."""
    unknown = NotFound("case-not-yours", "this case is not open to you: come in with what stands on its letter")
    try:
        decision = doors.fines.decision(case_id)
    except NotFound as error:
        raise unknown from error
    if not _may_see(doors, who, decision):
        raise unknown
    return decision


Opened = Annotated[DecisionView, Depends(opened)]
