"""Lists a page at a time; over the API a hundred, with the way to the next hundred in `Link` (RFC 8288)."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response

from api.dependencies import After

_Row = TypeVar("_Row", bound=Any)
_PAGE = 100


def page_of(found: Callable[[int], Sequence[_Row]], size: int) -> tuple[Sequence[_Row], _Row | None]:
    """The page of a list that gives so many rows, and its last row where others follow it."""
    rows = found(size + 1)
    return rows[:size], rows[size - 1] if len(rows) > size else None


class Page:
    """The page that is asked for: the first, or what comes after an id."""

    def __init__(self, request: Request, response: Response, after: After = "") -> None:
        self._path, self._response, self._after = request.url.path, response, after

    def of(self, waiting: Callable[[str, int], list[_Row]]) -> Sequence[_Row]:
        """Its rows, of a list that gives so many after an id."""
        rows, last = page_of(lambda size: waiting(self._after, size), _PAGE)
        if last is not None:
            self._response.headers["Link"] = f'<{self._path}?after={last.id}>; rel="next"'
        return rows


PageDep = Annotated[Page, Depends()]
