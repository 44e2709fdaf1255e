"""Shapes of lists of hirers."""

from datetime import datetime
from typing import Literal

from api.schemas.common import Shape

RowState = Literal["waiting", "filed", "known", "refused"]


class HirerListOut(Shape):
    """How far a list is: rows by state. `done` once every row was worked off."""

    id: str
    name: str
    sent_at: datetime
    state: Literal["received", "done"]
    waiting: int
    filed: int
    known: int
    refused: int


class RowProblemOut(Shape):
    """A column of the list, and what is wrong in it."""

    column: str
    detail: str


class HirerRowOut(Shape):
    """`line` is that of the file; `code` and `problems` say why a row was refused."""

    line: int
    case_number: str
    state: RowState
    code: str | None
    problems: list[RowProblemOut]


class HirerRowsOut(Shape):
    """A page of rows. `next` is the address of what follows, if more does."""

    rows: list[HirerRowOut]
    next: str | None
