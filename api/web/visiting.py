"""Who visits the citizen's pages, and which case he may see."""

import secrets
from typing import Annotated

from fastapi import Depends, Request

from api.dependencies import ServicesDep
from api.services import Services
from core.errors import NotAuthenticated, NotFound
from core.visits import Visitor
from fines.service import DecisionView


class EntryNeeded(Exception):
    """Nobody is behind this visit (any more); the app answers with the way in."""


def visitor(request: Request, doors: ServicesDep) -> Visitor:
    """The one behind the cookie, who looked at a page not long ago. Raises EntryNeeded."""
    now = int(doors.clock.now().timestamp())
    idle = now - int(request.session.get("seen", 0))
    if not 0 <= idle <= doors.settings.visit_idle_minutes * 60:
        raise EntryNeeded
    try:
        found = doors.visits.visitor(request.session.get("visit", ""))
    except NotAuthenticated as error:
        raise EntryNeeded from error
    request.session["seen"] = now
    return found


VisitorDep = Annotated[Visitor, Depends(visitor)]


def come_in(request: Request, doors: Services, visit_id: str) -> None:
    """From here on the cookie names this visit; what an earlier page held of forms is worth nothing any more."""
    request.session["visit"] = visit_id
    request.session["seen"] = int(doors.clock.now().timestamp())
    request.session["csrf"] = secrets.token_urlsafe(16)


def may_see(found: Visitor, decision: DecisionView) -> bool:
    """Opened by its letter, or his own."""
    return decision.id in found.subjects or (found.person is not None and found.person == decision.person)


def opened(case_id: str, doors: ServicesDep, who: VisitorDep) -> DecisionView:
    """The case of a path. Raises NotFound: the same for another's and for none."""
    unknown = NotFound("case-not-yours", "this case is not open to you: come in with what stands on its letter")
    try:
        decision = doors.fines.decision(case_id)
    except NotFound as error:
        raise unknown from error
    if not may_see(who, decision):
        raise unknown
    return decision


Opened = Annotated[DecisionView, Depends(opened)]
