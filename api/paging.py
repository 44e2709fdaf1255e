"""Lists of what waits: a hundred at a time, with the way to the next hundred in `Link` (RFC 8288)."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response

from api.dependencies import After

_Row = TypeVar("_Row", bound=Any)
_PAGE = 100


class Page:
    """The page that is asked for: the first, or what comes after an id."""

    def __init__(self, request: Request, response: Response, after: After = "") -> None:
        self._path, self._response, self._after = request.url.path, response, after

    def of(self, waiting: Callable[[str, int], list[_Row]]) -> list[_Row]:
        """Its rows, of a list that gives so many after an id."""
        found = waiting(self._after, _PAGE + 1)
        if len(found) > _PAGE:
            self._response.headers["Link"] = f'<{self._path}?after={found[_PAGE - 1].id}>; rel="next"'
        return found[:_PAGE]


PageDep = Annotated[Page, Depends()]
