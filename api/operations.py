"""For operators: how the installation does, and the jobs that failed."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api import presenters
from api.dependencies import ServicesDep, require
from api.installation import installation
from api.problems import PROBLEM_RESPONSES
from api.schemas.common import ReasonIn
from api.schemas.operations import DeadLetterOut, InstallationOut, ReplayedOut, ReplayIn
from core.unit_of_work import Actor

router = APIRouter(
    prefix="/v1/handlers",
    tags=["handlers"],
    responses={status: PROBLEM_RESPONSES[status] for status in (400, 401, 403, 404)},
)

Operator = Annotated[Actor, Depends(require("operator"))]


@router.get("/installation")
def read_installation(_: Operator, doors: ServicesDep) -> InstallationOut:
    """Queues and how old what waits is, failed jobs, chores, room on disk, silent cameras, terms at risk."""
    return presenters.installation(installation(doors))


@router.get("/dead-letters")
def dead_letters(_: Operator, doors: ServicesDep) -> list[DeadLetterOut]:
    """Jobs that failed too often, the oldest 500."""
    return [presenters.dead_letter(item) for item in doors.dead_letters.letters()]


@router.post("/dead-letters/{message_id}/replays", status_code=204)
def replay(message_id: str, body: ReasonIn, actor: Operator, doors: ServicesDep) -> None:
    """Try a failed job again."""
    doors.dead_letters.replay(actor, message_id, body.reason)


@router.post("/dead-letter-replays", status_code=201)
def replay_all(body: ReplayIn, actor: Operator, doors: ServicesDep) -> ReplayedOut:
    """Try all jobs of a kind again that ended in the same error."""
    return ReplayedOut(count=doors.dead_letters.replay_all(actor, body.job, body.error, body.reason))
